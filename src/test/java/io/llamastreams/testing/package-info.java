/** What tests of several packages share. */
package io.llamastreams.testing;
