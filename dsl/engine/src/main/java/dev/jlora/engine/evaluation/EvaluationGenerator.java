package dev.jlora.engine.evaluation;

import dev.jlora.data.Dataset;
import dev.jlora.data.Row;
import dev.jlora.data.TextEncoder;
import dev.jlora.engine.generation.GenerationSettings;
import dev.jlora.engine.generation.SpecialIds;
import dev.jlora.engine.generation.TokenGenerator;
import dev.jlora.engine.jobs.ResolvedJob;
import dev.jlora.io.FormatException;
import dev.jlora.model.network.Network;
import dev.jlora.spi.GenerativeTask;
import dev.jlora.spi.GenerativeTask.Prompt;
import dev.jlora.spi.Predictions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Generates text for the rows of an evaluation with a language model, greedily, for metrics of
 * generated text.
 */
final class EvaluationGenerator {
  private final Network network;
  private final TextEncoder text;
  private final SpecialIds special;
  private final List<Prompt> prompts;
  private final int batchSize;
  private final GenerationSettings settings;

  /**
   * @throws FormatException naming a row without a prompt, or with one that is too long
   */
  EvaluationGenerator(
      ResolvedJob work, GenerativeTask task, Network network, TextEncoder text, Dataset rows) {
    List<Row> all = IntStream.range(0, rows.size()).mapToObj(rows::row).toList();
    this.network = network;
    this.text = text;
    this.special = special(work, text);
    this.prompts = task.prompts(all, text, work.job().data().columns());
    this.batchSize = work.job().training().evalBatchSize();
    GenerationSettings greedy = GenerationSettings.greedy(work.job().training().evalMaxNewTokens());
    this.settings = network.takesCache() ? greedy : greedy.withoutCache();
    prompts.forEach(this::requireShort);
  }

  /** The end tokens of the configuration, and the one used in training. */
  private static SpecialIds special(ResolvedJob work, TextEncoder text) {
    SpecialIds named = SpecialIds.of(work.config());
    Set<Integer> ends = new HashSet<>(named.ends());
    text.endId().ifPresent(ends::add);
    return new SpecialIds(ends, named.padding());
  }

  private void requireShort(Prompt prompt) {
    long context = network.maxTokens(null);
    if (context > 0 && prompt.ids().length > context) {
      throw new FormatException(
          prompt.where(),
          "has a prompt of %,d tokens, more than the %,d of the model's context."
              .formatted(prompt.ids().length, context),
          "Shorten it, drop the row, or omit metrics of generated text.");
    }
  }

  /**
   * Generates a text for each row; prompts of similar length share a batch.
   *
   * @param interrupted checked before each token
   * @return null if it was interrupted
   */
  Predictions.@Nullable Texts write(BooleanSupplier interrupted) {
    TokenGenerator generator = new TokenGenerator(network, special);
    int[] order =
        IntStream.range(0, prompts.size())
            .boxed()
            .sorted(Comparator.comparingInt(row -> prompts.get(row).ids().length))
            .mapToInt(Integer::intValue)
            .toArray();
    String[] written = new String[prompts.size()];
    for (int from = 0; from < order.length; from += batchSize) {
      int[] rows = Arrays.copyOfRange(order, from, Math.min(order.length, from + batchSize));
      List<int[]> ids =
          generator.generate(
              Arrays.stream(rows).mapToObj(row -> prompts.get(row).ids()).toList(),
              settings,
              (_, _) -> !interrupted.getAsBoolean());
      if (interrupted.getAsBoolean()) {
        return null;
      }
      for (int i = 0; i < rows.length; i++) {
        written[rows[i]] = text.decode(ids.get(i));
      }
    }
    List<List<String>> expected = new ArrayList<>();
    prompts.forEach(prompt -> expected.add(List.of(prompt.expected())));
    return new Predictions.Texts(List.of(written), expected);
  }
}
