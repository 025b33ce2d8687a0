// SPDX-License-Identifier: Apache-2.0
/** What a browser sees. */
package io.tailrace.browser;
