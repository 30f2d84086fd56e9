package dev.jlora.autograd;

/** An element of the tape that the backward pass visits. */
sealed interface Node permits Application, Checkpoint {

  /** The autograd identity of its output. */
  long outputKey();

  /** Frees its saved tensors. */
  void release();
}
