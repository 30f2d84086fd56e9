/**
 * Images as model inputs: decoded, resized as by PIL, rescaled and normalized according to the
 * {@code preprocessor_config.json} of a model.
 *
 * <p>Everything here uses the Java heap and is thread-safe.
 */
@NullMarked
package dev.jlora.data.image;

import org.jspecify.annotations.NullMarked;
