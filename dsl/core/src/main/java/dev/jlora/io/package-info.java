/**
 * Files: safetensors checkpoints (mapped, checked before use), {@code config.json} and related
 * files, and atomic writing.
 *
 * <p>A {@link dev.jlora.io.SafetensorsFile} owns its mapping: tensors created over it are valid
 * until it is closed. Problems with a file are {@link dev.jlora.io.FileException}s whose message
 * says which file, what was found, and what to do.
 */
@NullMarked
package dev.jlora.io;

import org.jspecify.annotations.NullMarked;
