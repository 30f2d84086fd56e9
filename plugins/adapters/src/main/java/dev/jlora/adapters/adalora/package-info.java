/** AdaLoRA: low-rank updates whose ranks are allocated in training. */
@NullMarked
package dev.jlora.adapters.adalora;

import org.jspecify.annotations.NullMarked;
