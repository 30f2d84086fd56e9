package dev.jlora.cuda;

/**
 * Threads that work on a card. The driver launches on the card that is the calling thread's own;
 * libtorch changes it for each of its operators and back again, and a new thread has none.
 */
public final class CardThreads {
  private final Cuda cuda;
  private final Card card;
  private final ThreadLocal<Boolean> entered = ThreadLocal.withInitial(() -> false);

  /** Of a card. */
  public CardThreads(Cuda cuda, Card card) {
    this.cuda = cuda;
    this.card = card;
  }

  /** Makes the card this thread's own, the first time that the thread asks. */
  public void enter() {
    if (!entered.get()) {
      cuda.enter(card);
      entered.set(true);
    }
  }
}
