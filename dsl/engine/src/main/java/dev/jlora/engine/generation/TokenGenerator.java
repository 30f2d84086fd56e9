package dev.jlora.engine.generation;

import dev.jlora.model.ModelException;
import dev.jlora.model.network.Network;
import dev.jlora.model.runtime.AdapterLease;
import dev.jlora.model.runtime.AdapterSelection;
import dev.jlora.model.runtime.ForwardContext;
import dev.jlora.model.runtime.KeyValueCache;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.DType;
import dev.jlora.tensor.Scope;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Continues token sequences. Prompts of different lengths are padded on the left, and each row's
 * positions count its own tokens, so that a row gets the same result as alone. With the cache a
 * step processes one token per row, without it all of them.
 */
public final class TokenGenerator {
  private final Network network;
  private final SpecialIds special;
  private final @Nullable AdapterSelection adapters;

  /** Generates with the network's selected adapters. */
  public TokenGenerator(Network network, SpecialIds special) {
    this(network, special, null);
  }

  /**
   * Generates with some of the network's adapters.
   *
   * @param network a language model with the output {@code logits} [B, S, vocabulary]
   * @param adapters null for those that are selected in the network
   */
  public TokenGenerator(Network network, SpecialIds special, @Nullable AdapterSelection adapters) {
    this.network = network;
    this.special = special;
    this.adapters = adapters;
  }

  /** The new tokens of each prompt, without the end token. */
  public List<int[]> generate(List<int[]> prompts, GenerationSettings settings) {
    return generate(prompts, settings, (_, _) -> true);
  }

  /** The new tokens of each prompt, without the end token; a listener receives each token. */
  public List<int[]> generate(
      List<int[]> prompts, GenerationSettings settings, TokenListener listener) {
    return continuations(prompts, settings, listener).stream().map(Continuation::ids).toList();
  }

  /**
   * The continuation of a prompt. The array is not copied.
   *
   * @param ids without the end token
   * @param ended whether the model ended it
   */
  public record Continuation(int[] ids, boolean ended) {}

  /**
   * The continuation of each prompt.
   *
   * @param listener gets each token as it is chosen, and may end its row
   * @throws IllegalArgumentException if a prompt is empty, or longer than the model's context
   */
  public List<Continuation> continuations(
      List<int[]> prompts, GenerationSettings settings, TokenListener listener) {
    if (prompts.isEmpty()) {
      return List.of();
    }
    try (AdapterLease lease = network.lease(adapters)) {
      return continuations(prompts, settings, listener, lease);
    }
  }

  /** All tokens come from the leased adapters, even if others are attached meanwhile. */
  private List<Continuation> continuations(
      List<int[]> prompts,
      GenerationSettings settings,
      TokenListener listener,
      AdapterLease lease) {
    long positions = network.architecture().maxPositions();
    long context = positions == 0 ? 0 : Math.max(1, positions - lease.virtualTokens());
    int width = width(prompts, context);
    int steps =
        context > 0
            ? (int) Math.min(settings.maxNewTokens(), context - width + 1)
            : settings.maxNewTokens();
    Rows rows = new Rows(prompts, settings, width + steps);
    int room = width + steps + lease.virtualTokens();
    try (KeyValueCache cache = settings.cache() ? new KeyValueCache(room) : null) {
      for (int step = 0; step < steps && rows.running(); step++) {
        float[][] logits = logits(rows, width + step, cache, lease);
        rows.choose(logits, width + step, listener);
      }
    }
    return rows.answers();
  }

  private static int width(List<int[]> prompts, long context) {
    int width = 0;
    for (int i = 0; i < prompts.size(); i++) {
      int length = prompts.get(i).length;
      if (length == 0) {
        throw new IllegalArgumentException(
            "prompt %d: got no token, expected 1 or more to continue from".formatted(i + 1));
      }
      if (context > 0 && length > context) {
        throw new IllegalArgumentException(
            ("prompt %d: got %,d tokens, expected %,d at the most, which is the model's context:"
                    + " shorten the prompt")
                .formatted(i + 1, length, context));
      }
      width = Math.max(width, length);
    }
    return width;
  }

  /** The logits of every row's last token, [B][vocabulary]. */
  private float[][] logits(
      Rows rows, int length, @Nullable KeyValueCache cache, AdapterLease lease) {
    int from = cache == null || cache.length() == 0 ? 0 : length - 1;
    try (var _ = Scope.open()) {
      ForwardContext pass = ForwardContext.inference().withLease(lease);
      Map<String, Tensor> batch = network.place(rows.batch(from, length));
      Tensor last =
          network.forward(batch, cache == null ? pass : pass.withCache(cache)).lastLogits();
      float[] flat = Ops.contiguous(Ops.to(last, DType.FLOAT32)).toFloats();
      int vocabulary = (int) last.size(1);
      float[][] byRow = new float[rows.count()][vocabulary];
      for (int row = 0; row < byRow.length; row++) {
        System.arraycopy(flat, row * vocabulary, byRow[row], 0, vocabulary);
      }
      return byRow;
    }
  }

  /** The growing sequences of a batch, in arrays of their maximum length. */
  private final class Rows {
    private final int[] starts;
    private final int[][] ids;
    private final int[] ends;
    private final boolean[] ended;
    private final boolean[] byModel;
    private final TokenChoice[] choices;
    private final int width;

    Rows(List<int[]> prompts, GenerationSettings settings, int longest) {
      int count = prompts.size();
      width = prompts.stream().mapToInt(prompt -> prompt.length).max().orElseThrow();
      starts = new int[count];
      ends = new int[count];
      ids = new int[count][longest];
      ended = new boolean[count];
      byModel = new boolean[count];
      choices = new TokenChoice[count];
      for (int row = 0; row < count; row++) {
        int[] prompt = prompts.get(row);
        starts[row] = width - prompt.length;
        ends[row] = width;
        Arrays.fill(ids[row], special.padding());
        System.arraycopy(prompt, 0, ids[row], starts[row], prompt.length);
        choices[row] = new TokenChoice(settings, row, prompt);
      }
    }

    int count() {
      return ids.length;
    }

    boolean running() {
      return IntStream.range(0, count()).anyMatch(row -> !ended[row]);
    }

    /** Tokens {@code from} to {@code to} of all rows; the mask starts at the first token. */
    Map<String, Tensor> batch(int from, int to) {
      int length = to - from;
      long[] tokens = new long[count() * length];
      long[] positions = new long[count() * length];
      long[] mask = new long[count() * to];
      for (int row = 0; row < count(); row++) {
        for (int i = from; i < to; i++) {
          tokens[row * length + i - from] = ids[row][i];
          positions[row * length + i - from] = Math.max(0, i - starts[row]);
        }
        for (int i = starts[row]; i < to; i++) {
          mask[row * to + i] = 1;
        }
      }
      Map<String, Tensor> batch = new HashMap<>();
      batch.put("input_ids", Tensor.of(tokens, count(), length));
      batch.put("position_ids", Tensor.of(positions, count(), length));
      batch.put("attention_mask", Tensor.of(mask, count(), to));
      return batch;
    }

    void choose(float[][] logits, int at, TokenListener listener) {
      for (int row = 0; row < count(); row++) {
        if (ended[row]) {
          continue;
        }
        requireNumbers(logits[row], row);
        int id = choices[row].next(logits[row]);
        if (special.ends().contains(id)) {
          ended[row] = true;
          byModel[row] = true;
        } else {
          ids[row][at] = id;
          ends[row] = at + 1;
          ended[row] = !listener.added(row, id);
        }
      }
    }

    private static void requireNumbers(float[] logits, int row) {
      if (Float.isNaN(logits[TokenChoice.likeliest(logits)])) {
        throw new ModelException(
            "prompt %d: the model's logits are not numbers; check its weights".formatted(row + 1));
      }
    }

    List<Continuation> answers() {
      List<Continuation> answers = new ArrayList<>();
      for (int row = 0; row < count(); row++) {
        answers.add(new Continuation(Arrays.copyOfRange(ids[row], width, ends[row]), byModel[row]));
      }
      return answers;
    }
  }
}
