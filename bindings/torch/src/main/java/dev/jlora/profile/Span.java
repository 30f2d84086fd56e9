package dev.jlora.profile;

/** An active phase; closing it ends the phase. Spans close in reverse order of opening. */
@FunctionalInterface
public interface Span extends AutoCloseable {
  @Override
  void close();
}
