package io.llamastreams.engine.request;

import java.util.Optional;

/**
 * What goes along with one text while it is made.
 *
 * @param watcher sees each token and may end the text
 * @param constraint says which tokens may come
 */
public record DecodingControl(TokenWatcher watcher, Optional<TokenConstraint> constraint) {

    /** Neither ends nor constrains a text. */
    public static final DecodingControl NONE = new DecodingControl(TokenWatcher.NONE, Optional.empty());
}
