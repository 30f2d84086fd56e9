package dev.jlora.cuda;

import org.jspecify.annotations.Nullable;

/**
 * Threads that work on a card. The driver launches on the card that is the calling thread's own;
 * libtorch changes it for each of its operators and back again, and a new thread has none.
 */
public final class CardThreads {
  /** The card that a thread entered last, whoever asked for it. */
  private static final ThreadLocal<@Nullable Entered> LAST = new ThreadLocal<>();

  private record Entered(Cuda cuda, int card) {}

  private final Cuda cuda;
  private final Card card;
  private final Entered entered;

  /** Of a card. */
  public CardThreads(Cuda cuda, Card card) {
    this.cuda = cuda;
    this.card = card;
    this.entered = new Entered(cuda, card.index());
  }

  /** Makes the card this thread's own, unless it is. */
  public void enter() {
    if (!entered.equals(LAST.get())) {
      cuda.enter(card);
      LAST.set(entered);
    }
  }
}
