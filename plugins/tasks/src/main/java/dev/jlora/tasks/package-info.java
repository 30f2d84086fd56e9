/** Tasks: encoding of rows, batches, losses, and predictions from logits. */
@NullMarked
package dev.jlora.tasks;

import org.jspecify.annotations.NullMarked;
