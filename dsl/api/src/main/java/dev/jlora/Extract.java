package dev.jlora;

import dev.jlora.engine.adapters.AdapterWriter;
import dev.jlora.host.Plugins;
import dev.jlora.spec.Bias;
import dev.jlora.spec.LoraSpec;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The extraction of an adapter from a fine-tuned model, started by {@link Jlora#extract(Path,
 * Path)}:
 *
 * <pre>{@code
 * extract("models/base", "models/tuned").rank(16).targets("query", "value").save("adapters/tuned");
 * }</pre>
 *
 * <p>Nothing is read until {@link #save}. Immutable: every method returns a new one.
 */
public final class Extract {
  private final Path base;
  private final Path tuned;
  private final LoraSpec.Builder settings;
  private final @Nullable Double share;

  private Extract(Path base, Path tuned, LoraSpec.Builder settings, @Nullable Double share) {
    this.base = base;
    this.tuned = tuned;
    this.settings = settings;
    this.share = share;
  }

  static Extract of(Path base, Path tuned) {
    return new Extract(base, tuned, LoraSpec.builder(), null);
  }

  private Extract with(LoraSpec.Builder changed) {
    return new Extract(base, tuned, changed, share);
  }

  /** The rank of every update; with {@link #energy} the largest one. Default 8. */
  public Extract rank(int rank) {
    return with(settings.rank(rank));
  }

  /**
   * Gives each module the smallest rank that keeps a share of its change's squared norm.
   *
   * @param share above 0 and at most 1
   * @param largestRank at most
   */
  public Extract energy(double share, int largestRank) {
    return new Extract(base, tuned, settings.rank(largestRank), share);
  }

  /** The modules that get an adapter: names or dotted suffixes; default: the family's. */
  public Extract targets(String... names) {
    return with(settings.targets(names));
  }

  /** Every linear module except the output layer. */
  public Extract allLinear() {
    return with(settings.allLinear());
  }

  /** Further modules to save in full; a head that differs is saved in any case. */
  public Extract modulesToSave(String... names) {
    return with(settings.modulesToSave(names));
  }

  /** The biases to save. */
  public Extract bias(Bias bias) {
    return with(settings.bias(bias));
  }

  /**
   * Writes the extracted adapter.
   *
   * @param target a folder without an adapter or a model
   * @return rank and error of each module's update, and what differs but is not in the adapter
   * @throws RuntimeException naming a missing file, or parameters whose shapes differ
   */
  public AdapterWriter.Written save(Path target) {
    return new AdapterWriter(Plugins.load()).extract(base, tuned, settings.build(), share, target);
  }

  /** Writes the extracted adapter; see {@link #save(Path)}. */
  public AdapterWriter.Written save(String target) {
    return save(Path.of(target));
  }

  /** The models and the settings. */
  @Override
  public String toString() {
    return "%s - %s: %s".formatted(tuned, base, settings);
  }
}
