package dev.jlora.adapters.prompt;

import dev.jlora.spec.PartialSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the builders of {@link PromptSpec}s have in common. Immutable: every method returns a new
 * builder; {@link #build} validates the settings.
 *
 * @param <S> the record that is built
 * @param <B> the builder's own class
 */
public abstract class PromptBuilder<S extends PromptSpec, B extends PromptBuilder<S, B>> {
  private final PartialSpec<S> partial;

  PromptBuilder(PartialSpec<S> partial) {
    this.partial = partial;
  }

  abstract B with(PartialSpec<S> settings);

  final B with(String component, @Nullable Object value) {
    return with(partial.with(component, value));
  }

  /** The number of virtual tokens. */
  public B virtualTokens(int count) {
    return with("numVirtualTokens", count);
  }

  /** The width of a virtual token, instead of the one that the model's configuration gives. */
  public B tokenDim(int width) {
    return with("tokenDim", width);
  }

  /** The number of key heads, instead of the one that the model's configuration gives. */
  public B attentionHeads(int count) {
    return with("numAttentionHeads", count);
  }

  /** The number of attention layers, instead of the one that the model's configuration gives. */
  public B layers(int count) {
    return with("numLayers", count);
  }

  /** Modules that are trained in full and saved with the adapter. */
  public B modulesToSave(String... names) {
    return with("modulesToSave", List.of(names));
  }

  /**
   * @throws dev.jlora.spec.SpecException listing all problems
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
