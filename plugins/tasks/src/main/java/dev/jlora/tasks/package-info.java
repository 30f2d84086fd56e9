/** Tasks: how rows become batches, what the loss is, and how an answer is read off the logits. */
@NullMarked
package dev.jlora.tasks;

import org.jspecify.annotations.NullMarked;
