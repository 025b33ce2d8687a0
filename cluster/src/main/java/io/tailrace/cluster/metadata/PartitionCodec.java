// SPDX-License-Identifier: Apache-2.0
package io.tailrace.cluster.metadata;

import java.util.List;

/** The {@code partition} of {@link MetadataRecordCodec}'s grammar: what is as in a new partition takes no byte. */
final class PartitionCodec {

    private static final int ISR = 0x01;
    private static final int ELR = 0x02;
    private static final int LAST_KNOWN_ELR = 0x04;
    private static final int ADDING = 0x08;
    private static final int REMOVING = 0x10;
    private static final int LEADER = 0x20;
    private static final int EPOCHS = 0x40;
    private static final int KNOWN = 0x7F;

    private PartitionCodec() {}

    static void write(PartitionImage it, ByteWriter out) {
        int flags = (it.isr().equals(it.replicas()) ? 0 : ISR)
                | (it.elr().isEmpty() ? 0 : ELR)
                | (it.lastKnownElr().isEmpty() ? 0 : LAST_KNOWN_ELR)
                | (it.addingReplicas().isEmpty() ? 0 : ADDING)
                | (it.removingReplicas().isEmpty() ? 0 : REMOVING)
                | (it.leader() == firstOf(it.replicas()) ? 0 : LEADER)
                | (it.leaderEpoch() == 0 && it.partitionEpoch() == 0 ? 0 : EPOCHS);
        out.u8(flags);
        out.ints(it.replicas());
        writeIf(flags & ISR, it.isr(), out);
        writeIf(flags & ELR, it.elr(), out);
        writeIf(flags & LAST_KNOWN_ELR, it.lastKnownElr(), out);
        writeIf(flags & ADDING, it.addingReplicas(), out);
        writeIf(flags & REMOVING, it.removingReplicas(), out);
        if ((flags & LEADER) != 0) {
            out.varint(it.leader());
        }
        if ((flags & EPOCHS) != 0) {
            out.uvarint(it.leaderEpoch());
            out.uvarint(it.partitionEpoch());
        }
    }

    static PartitionImage read(int index, ByteReader in) {
        int flags = in.u8();
        if ((flags & ~KNOWN) != 0) {
            throw new MetadataFormatException("unknown partition flags " + Integer.toHexString(flags));
        }
        List<Integer> replicas = in.ints();
        List<Integer> isr = (flags & ISR) != 0 ? in.ints() : replicas;
        List<Integer> elr = readIf(flags & ELR, in);
        List<Integer> lastKnownElr = readIf(flags & LAST_KNOWN_ELR, in);
        List<Integer> adding = readIf(flags & ADDING, in);
        List<Integer> removing = readIf(flags & REMOVING, in);
        int leader = (flags & LEADER) != 0 ? in.varint32() : firstOf(replicas);
        boolean epochs = (flags & EPOCHS) != 0;
        int leaderEpoch = epochs ? (int) in.uvarint() : 0;
        int partitionEpoch = epochs ? (int) in.uvarint() : 0;
        return new PartitionImage(
                index, replicas, isr, elr, lastKnownElr, adding, removing, leader, leaderEpoch, partitionEpoch);
    }

    private static int firstOf(List<Integer> replicas) {
        return replicas.isEmpty() ? PartitionImage.NO_LEADER : replicas.get(0);
    }

    private static void writeIf(int flag, List<Integer> list, ByteWriter out) {
        if (flag != 0) {
            out.ints(list);
        }
    }

    private static List<Integer> readIf(int flag, ByteReader in) {
        return flag != 0 ? in.ints() : List.of();
    }
}
