/**
 * The documents held against the program: README, the pages of the site and what lies in {@code .github}. Links lead somewhere,
 * command lines are ones that the program takes, examples are read by the real readers, and names exist. Each check is first shown
 * a page that is wrong.
 */
package io.llamastreams.documents;
