package dev.jlora.autograd;

/** Something a tape recorded, which the backward pass comes by on its way back. */
sealed interface Node permits Application, Checkpoint {

  /** The autograd identity of what it gave. */
  long outputKey();

  /** Frees what it keeps. */
  void release();
}
