package dev.jlora;

import dev.jlora.engine.adapters.AdapterCombiner.Weighted;
import dev.jlora.engine.adapters.AdapterWriter;
import dev.jlora.host.Plugins;
import dev.jlora.spec.CombinationSpec;
import dev.jlora.spec.CombinationSpec.MajoritySign;
import dev.jlora.spec.CombinationType;
import dev.jlora.spec.PartialSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A combination of adapters, started by {@link Jlora#combine(Path, double)}:
 *
 * <pre>{@code
 * combine("runs/a", 0.7).and("runs/b", 0.3).svd(8).save("runs/mix");
 * }</pre>
 *
 * <p>The default type is {@code svd}, as in PEFT. Nothing is read until {@link #save}. Immutable:
 * every method returns a new combination.
 */
public final class Combine {
  private final List<Weighted> parts;
  private final PartialSpec<CombinationSpec> settings;
  private final @Nullable Path base;

  private Combine(
      List<Weighted> parts, PartialSpec<CombinationSpec> settings, @Nullable Path base) {
    this.parts = List.copyOf(parts);
    this.settings = settings;
    this.base = base;
  }

  static Combine of(Path adapter, double weight) {
    return new Combine(
        List.of(new Weighted(adapter, weight)), PartialSpec.of(CombinationSpec.class), null);
  }

  private Combine with(String component, Object value) {
    return new Combine(parts, settings.with(component, value), base);
  }

  /** Adds an adapter; its weight may be negative. */
  public Combine and(Path adapter, double weight) {
    List<Weighted> more = new ArrayList<>(parts);
    more.add(new Weighted(adapter, weight));
    return new Combine(more, settings, base);
  }

  /** Adds an adapter; see {@link #and(Path, double)}. */
  public Combine and(String adapter, double weight) {
    return and(Path.of(adapter), weight);
  }

  /** Any of PEFT's types. */
  public Combine type(CombinationType type) {
    return with("combinationType", type);
  }

  /** The exact sum of the updates; its rank is the sum of the ranks. */
  public Combine cat() {
    return type(CombinationType.CAT);
  }

  /** The best approximation of the sum by a rank. */
  public Combine svd(int rank) {
    return type(CombinationType.SVD).rank(rank);
  }

  /** Weighted sums of the A and of the B, as PEFT's {@code linear}; adds cross terms. */
  public Combine linear() {
    return type(CombinationType.LINEAR);
  }

  /** TIES of the A and of the B, keeping this share of the values. */
  public Combine ties(double density) {
    return type(CombinationType.TIES).density(density);
  }

  /** DARE of the A and of the B, keeping this share of the values; depends on {@link #seed}. */
  public Combine dare(double density) {
    return type(CombinationType.DARE_LINEAR).density(density);
  }

  /** The rank of types with a decomposition; default: the largest of the adapters. */
  public Combine rank(int rank) {
    return with("svdRank", rank);
  }

  /** The quantile at which types with a decomposition clamp the values of both factors. */
  public Combine clamp(double quantile) {
    return with("svdClamp", quantile);
  }

  /** The share of the values that types with pruning keep. */
  public Combine density(double share) {
    return with("density", share);
  }

  /** How TIES elects signs. */
  public Combine majoritySign(MajoritySign sign) {
    return with("majoritySignMethod", sign);
  }

  /** The seed of DARE; default 0. */
  public Combine seed(long seed) {
    return with("seed", seed);
  }

  /** Takes the weighted mean of modules that several adapters train in full. */
  public Combine combineHeads() {
    return with("combineHeads", true);
  }

  /** Reproduces PEFT's errors of scaling, for the same numbers. */
  public Combine peftScaling() {
    return with("peftScaling", true);
  }

  /** The folder of the base model, if it was moved. */
  public Combine base(Path folder) {
    return new Combine(parts, settings, folder);
  }

  /**
   * Writes the combined adapter.
   *
   * @param target a folder without an adapter or a model
   * @return rank and error of each module's update
   * @throws RuntimeException naming an adapter that is missing, or cannot be combined
   */
  public AdapterWriter.Written save(Path target) {
    return new AdapterWriter(Plugins.load()).combine(parts, settings.build(), base, target);
  }

  /** Writes the combined adapter; see {@link #save(Path)}. */
  public AdapterWriter.Written save(String target) {
    return save(Path.of(target));
  }

  /** The adapters and the settings. */
  @Override
  public String toString() {
    return parts + " " + settings;
  }
}
