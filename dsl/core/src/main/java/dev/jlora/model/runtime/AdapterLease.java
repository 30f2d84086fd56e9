package dev.jlora.model.runtime;

/**
 * A selection of adapters that stays the same over several passes: while it is open, its names mean
 * the adapters that were attached when it was taken, even if one is replaced, renamed or detached.
 * Their memory is freed after the last lease. Thread-safe.
 */
public interface AdapterLease extends AutoCloseable {

  /** The leased selection. */
  AdapterSelection selection();

  /** Whether the selection is the network's own, so that merged weights stand for it. */
  boolean ofNetwork();

  /**
   * The adapter with this name when the lease was taken.
   *
   * @throws dev.jlora.model.ModelException if the lease does not have it
   */
  Adapter adapter(String name);

  /** Number of virtual tokens that the adapters put before each text. */
  int virtualTokens();

  /** Ends the lease. Idempotent. */
  @Override
  void close();
}
