package dev.jlora.spec;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the builders of {@link TargetedSpec}s have in common. Immutable: every method returns a new
 * builder. The order of calls does not matter, except that a later call replaces an earlier one of
 * the same method; {@link #build} validates the settings.
 *
 * @param <S> the record that is built
 * @param <B> the builder's own class
 */
public abstract class TargetedBuilder<S extends TargetedSpec, B extends TargetedBuilder<S, B>> {
  private final PartialSpec<S> partial;

  protected TargetedBuilder(PartialSpec<S> partial) {
    this.partial = partial;
  }

  /** A builder of this class with other settings. */
  protected abstract B with(PartialSpec<S> settings);

  /** A builder with another value of a component of the record. */
  protected final B with(String component, @Nullable Object value) {
    return with(partial.with(component, value));
  }

  /** A builder with another entry of a map, such as {@code rankPattern}. */
  protected final B adding(String component, String key, Object value) {
    return with(partial.adding(component, key, value));
  }

  /** Module names, or dotted suffixes of them. */
  public B targets(String... names) {
    return targets(Targets.names(names));
  }

  /** The targets; null for the method's default. */
  public B targets(@Nullable Targets targets) {
    return with("targetModules", targets);
  }

  /** A regular expression for complete module names. */
  public B targetsMatching(String regex) {
    return targets(Targets.regex(regex));
  }

  /** Every linear module except the output layer. */
  public B allLinear() {
    return targets(Targets.allLinear());
  }

  /** Target modules to exclude. */
  public B exclude(String... names) {
    return with("excludeModules", Targets.names(names));
  }

  /** The biases that are trained; for methods that have this setting. */
  public B bias(Bias bias) {
    return with("bias", bias);
  }

  /** Restricts adapters to these layers, counted from 0; for methods that have this setting. */
  public B layers(Integer... indices) {
    return with("layersToTransform", List.of(indices));
  }

  /** Adds modules that are trained in full and saved with the adapter. */
  public B modulesToSave(String... names) {
    return with(partial.adding("modulesToSave", List.of(names)));
  }

  /**
   * @throws SpecException listing all problems
   */
  public S build() {
    return partial.build();
  }

  /** The adapter as JSON, or the given values and their problems. */
  @Override
  public String toString() {
    return partial.toString();
  }
}
