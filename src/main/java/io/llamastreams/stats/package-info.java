/**
 * Numbers about the running system: counted where things happen, read where they are shown. Open to all packages; uses the
 * JDK alone. Any thread.
 */
package io.llamastreams.stats;
