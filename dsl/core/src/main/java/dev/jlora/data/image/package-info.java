/**
 * Images as models see them: decoded, resized as PIL does, scaled and normalized as the {@code
 * preprocessor_config.json} of a model says.
 *
 * <p>Everything here works on the Java heap and is safe to use from several threads.
 */
@NullMarked
package dev.jlora.data.image;

import org.jspecify.annotations.NullMarked;
