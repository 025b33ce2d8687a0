// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.quorum;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Properties;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The term that this node is in and whom it voted for, in a file of our own beside Ratis' {@code raft-meta}, written before a vote leaves the node.
 *
 * <p>Ratis (3.3.0) does not do so reliably. On a full disk it puts an empty file in the place of its own, and does not start again. And it renames without
 * syncing the folder: a power cut brings back the file before, and the node could vote a second time.
 *
 * <p>Only votes have to be kept. That a node followed a term without a vote in it need not be: the leader of that term has a majority of votes without it,
 * and who has less of the log than this node does not get its vote whatever the term.
 *
 * <p>Safe from any thread; blocks.
 */
final class KeptVote {

    /** Ratis' file. */
    static final String THEIRS = "raft-meta";

    static final String OURS = "raft-meta.kept";

    private static final Logger LOG = LoggerFactory.getLogger(KeptVote.class);

    private static final String TERM = "term";
    private static final String VOTED_FOR = "votedFor";

    private record Vote(long term, String votedFor) {

        static Optional<Vote> parse(byte[] content) {
            Properties properties = new Properties();
            try {
                properties.load(new ByteArrayInputStream(content));
                String term = properties.getProperty(TERM);
                String votedFor = properties.getProperty(VOTED_FOR);
                return term == null || votedFor == null
                        ? Optional.empty()
                        : Optional.of(new Vote(Long.parseLong(term), votedFor));
            } catch (IOException | IllegalArgumentException e) {
                return Optional.empty(); // torn
            }
        }

        boolean isAfter(Vote other) {
            return term > other.term || term == other.term && !votedFor.isEmpty() && other.votedFor.isEmpty();
        }
    }

    private final Path theirs;
    private final Path ours;
    private byte[] kept = {};
    private long keptTerm = -1;

    /** @param folder where {@code raft-meta} is, or will be */
    KeptVote(Path folder) {
        theirs = folder.resolve(THEIRS);
        ours = folder.resolve(OURS);
    }

    /** Before Ratis starts: gives it back what it has lost, and keeps what it has. */
    synchronized void restore() throws IOException {
        Optional<byte[]> own = read(ours);
        Optional<Vote> vote = own.flatMap(Vote::parse);
        if (own.isPresent() && vote.isPresent()) {
            kept = own.get();
            keptTerm = vote.get().term();
            Optional<Vote> found = read(theirs).flatMap(Vote::parse);
            if (found.isEmpty() || vote.get().isAfter(found.get())) {
                LOG.warn("{} does not hold what this node voted last; it gets {}", theirs, vote.get());
                DurableFile.write(theirs, kept);
            }
        }
        if (Files.exists(theirs)) {
            keep();
        }
    }

    /**
     * The vote is on disk for good when this returns.
     *
     * @throws IOException if it is not; then nobody may be told of it
     */
    synchronized void keep(long term, String votedFor) throws IOException {
        Vote found = keep();
        if (found.term() != term || !found.votedFor().equals(votedFor)) {
            throw new IOException(theirs + " holds " + found + ", not the vote for " + votedFor + " in term " + term);
        }
    }

    /** The node follows a leader of that term. Which need not be kept; but then it comes back in a term that is not long past. */
    synchronized void follows(long term) {
        if (term != keptTerm) {
            try {
                keep();
            } catch (IOException full) {
                LOG.info("the term {} of the metadata log is not kept: {}", term, full.toString());
            }
        }
    }

    private Vote keep() throws IOException {
        byte[] now = read(theirs).orElseThrow(() -> new IOException("there is no " + theirs));
        Vote found = Vote.parse(now)
                .orElseThrow(() -> new IOException(theirs + " holds no vote: was the disk full when it was written?"));
        if (!Arrays.equals(now, kept)) {
            write(now);
            kept = now;
            keptTerm = found.term();
        }
        return found;
    }

    /**
     * Ratis has synced what is in its file, and never writes that file again, but puts another in its place: a second name for it, and both names synced, is
     * all that is missing. It takes no room.
     */
    private void write(byte[] now) throws IOException {
        Path aside = ours.resolveSibling(OURS + ".tmp");
        try {
            Files.deleteIfExists(aside);
            Files.createLink(aside, theirs);
            if (Arrays.equals(Files.readAllBytes(aside), now)) {
                Files.move(aside, ours, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                DurableFile.syncFolderOf(ours);
                return;
            }
        } catch (UnsupportedOperationException | FileSystemException noLinks) {
            LOG.debug("no second name for {}", theirs, noLinks);
        }
        DurableFile.write(ours, now);
    }

    private static Optional<byte[]> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readAllBytes(file));
        } catch (NoSuchFileException none) {
            return Optional.empty();
        }
    }
}
