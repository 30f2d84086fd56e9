package dev.jlora.adapters.lycoris;

import dev.jlora.spec.PartialSpec;
import dev.jlora.spec.TargetedBuilder;
import dev.jlora.spec.Targets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the builders of LoHa and LoKr have in common.
 *
 * @param <S> the record that is built
 * @param <B> the builder's own class
 */
public abstract class LycorisBuilder<S extends LycorisSpec, B extends LycorisBuilder<S, B>>
    extends TargetedBuilder<S, B> {

  LycorisBuilder(PartialSpec<S> partial) {
    super(partial);
  }

  public B rank(int rank) {
    return with("rank", rank);
  }

  public B alpha(double alpha) {
    return with("alpha", alpha);
  }

  /** The rank of modules whose name ends with the pattern. */
  public B rankOf(String pattern, int rank) {
    return adding("rankPattern", pattern, rank);
  }

  /** The alpha of modules whose name ends with the pattern. */
  public B alphaOf(String pattern, double alpha) {
    return adding("alphaPattern", pattern, alpha);
  }

  /** Leaves out rows of the change of a weight in training. */
  public B rankDropout(double probability) {
    return with("rankDropout", probability);
  }

  /** Leaves out a module's adapter in some steps of training. */
  public B moduleDropout(double probability) {
    return with("moduleDropout", probability);
  }

  /** Decomposes convolutions with a kernel above 1 x 1 in all dimensions. */
  public B effectiveConv2d() {
    return with("useEffectiveConv2d", true);
  }

  public B exclude(String... names) {
    return with("excludeModules", Targets.names(names));
  }

  /** Restricts adapters to these layers, counted from 0. */
  public B layers(Integer... indices) {
    return with("layersToTransform", List.of(indices));
  }

  public B layersPattern(@Nullable String name) {
    return with("layersPattern", name);
  }
}
