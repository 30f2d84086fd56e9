/**
 * Files: checkpoints in safetensors (mapped, checked before use), {@code config.json} and its
 * neighbours, and writing that never leaves half a file.
 *
 * <p>A {@link dev.jlora.io.SafetensorsFile} owns its mapping: tensors made over it are valid until
 * it is closed. Everything that is wrong with a file is a {@link dev.jlora.io.FileException} whose
 * text says which file, what was found, and what to do.
 */
@NullMarked
package dev.jlora.io;

import org.jspecify.annotations.NullMarked;
