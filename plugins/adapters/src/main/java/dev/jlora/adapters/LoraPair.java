package dev.jlora.adapters;

import dev.jlora.peft.AdapterTarget;

/** A target with a low-rank pair, which its file has as one A and one B. */
interface LoraPair extends AdapterTarget {

  /** The rank of the matrices in the file. */
  int storedRank();

  /** The alpha in the file, with which its rank gives the same scaling. */
  double storedAlpha(boolean rslora);
}
