package dev.jlora.profile;

/** A phase that is going on; closing it ends it. Spans close in reverse order of their opening. */
@FunctionalInterface
public interface Span extends AutoCloseable {
  @Override
  void close();
}
