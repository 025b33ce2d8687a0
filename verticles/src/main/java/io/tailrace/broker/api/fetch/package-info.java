// SPDX-License-Identifier: Apache-2.0
/**
 * What Fetch needs beside the API itself: incremental sessions (KIP-227) and one exchange with the shards. Start reading at {@link
 * io.tailrace.broker.api.FetchApi}.
 *
 * <p>{@link io.tailrace.broker.api.fetch.FetchSessions} may be used from any thread; the rest belongs to the event loop of one request.
 */
@NullMarked
package io.tailrace.broker.api.fetch;

import org.jspecify.annotations.NullMarked;
