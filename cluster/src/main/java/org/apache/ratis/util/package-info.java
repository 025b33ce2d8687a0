// SPDX-License-Identifier: Apache-2.0
/** One class in the place of Apache Ratis' own; see docs/decisions/0016-what-a-start-costs.md. */
@NullMarked
package org.apache.ratis.util;

import org.jspecify.annotations.NullMarked;
