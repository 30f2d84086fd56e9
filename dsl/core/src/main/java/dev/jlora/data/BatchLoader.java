package dev.jlora.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and collates batches ahead of their use, on a separate low-priority thread with a bounded
 * queue. While the queue is full it encodes rows for later batches.
 *
 * <p>A batch returned by {@link #next()} belongs to the caller. Exceptions of the thread are
 * rethrown by {@code next()}. {@link #close()} stops the thread and frees batches that were not
 * taken.
 */
public final class BatchLoader implements AutoCloseable {
  private static final int IDLE_ROWS = 32;
  private static final long POLL_MILLIS = 50;

  private final BatchSampler sampler;
  private final Examples examples;
  private final Collator collator;
  private final int epochs;
  private final BlockingQueue<Item> queue;
  private final Thread thread;
  private volatile boolean closed;
  private boolean finished;

  private sealed interface Item {
    record Ready(HostBatch batch) implements Item {}

    record Failed(Throwable cause) implements Item {}

    record End() implements Item {}
  }

  /**
   * Options of the loader.
   *
   * @param ahead maximum number of batches in the queue
   * @param epochs stops before this epoch, counted from 0: one epoch is 1
   */
  public record Options(int ahead, int epochs) {
    public Options {
      if (ahead < 1 || epochs < 1) {
        throw new IllegalArgumentException(
            "got %d batches ahead and %d epochs, expected 1 or more of both"
                .formatted(ahead, epochs));
      }
    }

    /** A few batches ahead, until the end of epoch {@code epochs - 1}. */
    public static Options epochs(int epochs) {
      return new Options(4, epochs);
    }
  }

  private BatchLoader(BatchSampler sampler, Examples examples, Collator collator, Options options) {
    this.sampler = sampler;
    this.examples = examples;
    this.collator = collator;
    this.epochs = options.epochs();
    this.queue = new ArrayBlockingQueue<>(options.ahead());
    this.thread = Thread.ofPlatform().daemon().name("jlora-batches").unstarted(this::load);
  }

  /**
   * Starts loading at the position of {@code sampler}, which only the loader's thread uses from now
   * on. The batches tell the position of the run: {@code batch.rows().after()}.
   */
  public static BatchLoader start(
      BatchSampler sampler, Examples examples, Collator collator, Options options) {
    BatchLoader loader = new BatchLoader(sampler, examples, collator, options);
    loader.thread.start();
    return loader;
  }

  /**
   * The next batch, waiting for it if necessary; null after the last epoch. Call it from one thread
   * only.
   *
   * @throws RuntimeException the exception of the loader's thread, with the row that caused it
   */
  public @Nullable HostBatch next() {
    if (closed) {
      throw new IllegalStateException("the batch loader is closed");
    }
    if (finished) {
      return null;
    }
    try {
      return switch (queue.take()) {
        case Item.Ready ready -> ready.batch();
        case Item.End _ -> {
          finished = true;
          yield null;
        }
        case Item.Failed failed -> {
          finished = true;
          throw rethrown(failed.cause());
        }
      };
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for a batch");
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    switch (cause) {
      case Error error -> throw error;
      case RuntimeException problem -> {
        problem.addSuppressed(new IllegalStateException("a batch was waited for here"));
        return problem;
      }
      default -> {
        return new IllegalStateException(cause);
      }
    }
  }

  /** Number of batches in the queue. */
  public int ready() {
    return queue.size();
  }

  /** Stops the thread, waits for its end, and frees the remaining batches. */
  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    boolean interrupted = false;
    while (thread.isAlive()) {
      free();
      try {
        thread.join(POLL_MILLIS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    free();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void free() {
    for (Item item = queue.poll(); item != null; item = queue.poll()) {
      if (item instanceof Item.Ready ready) {
        ready.batch().close();
      }
    }
  }

  private void load() {
    ThreadPriority.lower();
    try {
      while (!closed && sampler.position().epoch() < epochs) {
        give(new Item.Ready(load(sampler.next())));
      }
      give(new Item.End());
    } catch (CancellationException e) {
      if (!closed) {
        give(new Item.Failed(e));
      }
    } catch (Throwable e) { // whatever it is, the consumer must not wait forever
      give(new Item.Failed(e));
    }
  }

  private HostBatch load(BatchRows rows) {
    examples.prepare(rows.rows());
    List<Example> chosen = new ArrayList<>(rows.rows().length);
    Arrays.stream(rows.rows()).mapToObj(examples::get).forEach(chosen::add);
    return collator.collate(chosen, rows);
  }

  /** Waits for room in the queue, encoding ahead meanwhile. */
  private void give(Item item) {
    boolean moreToEncode = item instanceof Item.Ready;
    boolean given = false;
    try {
      while (!given && !closed) {
        given = queue.offer(item, moreToEncode ? 0 : POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (!given && moreToEncode) {
          moreToEncode = encodeAhead();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // only close() interrupts this thread
    }
    if (!given && item instanceof Item.Ready ready) {
      ready.batch().close();
    }
  }

  /** Encodes some rows; a failure is reported with the row's batch. */
  private boolean encodeAhead() {
    try {
      return examples.prepareAhead(IDLE_ROWS);
    } catch (RuntimeException e) {
      return false;
    }
  }
}
