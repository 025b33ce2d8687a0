// SPDX-License-Identifier: Apache-2.0
/** Who is there, as far as one node can see. A hint: the metadata log alone decides. */
@NullMarked
package io.tailrace.cluster.membership;

import org.jspecify.annotations.NullMarked;
