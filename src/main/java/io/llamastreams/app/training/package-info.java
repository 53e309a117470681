/**
 * Training runs as users start them: recipes and data from files, the folder that a run fills, and its way from the first
 * text to a model file. Main thread.
 */
package io.llamastreams.app.training;
