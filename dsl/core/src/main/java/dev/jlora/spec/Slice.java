package dev.jlora.spec;

/** A part of a fused projection, which computes queries, keys and values in one product. */
public enum Slice {
  /** The queries. */
  Q,
  /** The keys. */
  K,
  /** The values. */
  V
}
