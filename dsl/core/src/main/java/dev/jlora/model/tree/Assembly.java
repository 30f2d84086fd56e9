package dev.jlora.model.tree;

import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.runtime.Adaptable;
import dev.jlora.model.runtime.Module;
import dev.jlora.model.runtime.TiedWeight;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The position in the tree at which a layer is built; provides the parameters at this path and
 * builds the parts below it.
 */
public final class Assembly {
  private final String path;
  private final String source;
  private final Optimizations optimizations;
  private final Map<String, Parameter> parameters;
  private final Consumer<Adaptable> adaptables;
  private final Map<String, Long> lookups;
  private final List<TiedWeight> ties;
  private final List<String> attentions;
  private final Map<String, String> tiedNames;

  /**
   * The root of a tree.
   *
   * @param parameters by their full names
   * @param adaptables receives the adaptable modules, in the order of the tree
   * @param lookups receives the number of rows by input
   * @param ties receives the tied weights
   * @param attentions receives the paths of the attention layers, in the order of the tree
   */
  public Assembly(
      Architecture architecture,
      Map<String, Parameter> parameters,
      Consumer<Adaptable> adaptables,
      Map<String, Long> lookups,
      List<TiedWeight> ties,
      List<String> attentions) {
    this(
        "",
        "",
        new Optimizations(architecture.outputs()),
        parameters,
        adaptables,
        lookups,
        ties,
        attentions,
        architecture.tied());
  }

  private Assembly(
      String path,
      String source,
      Optimizations optimizations,
      Map<String, Parameter> parameters,
      Consumer<Adaptable> adaptables,
      Map<String, Long> lookups,
      List<TiedWeight> ties,
      List<String> attentions,
      Map<String, String> tiedNames) {
    this.path = path;
    this.source = source;
    this.optimizations = optimizations;
    this.parameters = parameters;
    this.adaptables = adaptables;
    this.lookups = lookups;
    this.ties = ties;
    this.attentions = attentions;
    this.tiedNames = tiedNames;
  }

  /** The dotted name of the layer being built; empty at the root. */
  public String path() {
    return path;
  }

  /** The position {@code name} below this one. */
  public Assembly at(String name) {
    return at(join(path, name), join(source, name));
  }

  /** This position, with the parameters of a sibling: of a block that another one repeats. */
  Assembly reading(String sibling) {
    int dot = source.lastIndexOf('.');
    return at(path, dot < 0 ? sibling : join(source.substring(0, dot), sibling));
  }

  private Assembly at(String modules, String weights) {
    return new Assembly(
        modules,
        weights,
        optimizations,
        parameters,
        adaptables,
        lookups,
        ties,
        attentions,
        tiedNames);
  }

  /** Builds a part of the layer. */
  public Module build(Layer part) {
    return optimizations.optimized(part).build(this);
  }

  /** Builds a part of which only the first token of the result is read. */
  public Module buildForFirstToken(Layer part) {
    return part.buildForFirstToken(this);
  }

  /** Whether a stack of these blocks runs on unpadded tokens in passes that leave out padding. */
  public boolean leavesOutPadding(List<Layer> blocks) {
    return optimizations.leavesOutPadding(blocks);
  }

  /** Builds a part that must have a type, such as a norm whose weights a fused layer reads. */
  public <M extends Module> M build(Layer part, Class<M> kind) {
    Module module = build(part);
    if (!kind.isInstance(module)) {
      throw new ModelException(
          "%s: got %s, expected a layer that becomes a %s"
              .formatted(path, Named.unwrap(part), kind.getSimpleName()));
    }
    return kind.cast(module);
  }

  /** The layer's own parameter, by the name in its {@link ParameterSpec}. */
  public Parameter parameter(String name) {
    return shared(join(source, name));
  }

  /** A parameter of another layer, by its full name: tied weights. */
  public Parameter shared(String fullName) {
    Parameter parameter = parameters.get(fullName);
    if (parameter == null) {
      throw new ModelException(
          "%s reads the parameter %s, which no layer declares".formatted(path, fullName));
    }
    return parameter;
  }

  /** The weight of a layer that shares the parameter of another layer, by its full name. */
  public TiedWeight tied(String fullName) {
    TiedWeight tied = new TiedWeight(path, shared(fullName));
    tied.named(
        tiedNames.entrySet().stream()
            .filter(entry -> tied.is(entry.getKey(), entry.getValue()))
            .map(Map.Entry::getKey)
            .sorted()
            .toList());
    ties.add(tied);
    return tied;
  }

  /** Registers a module as adaptable. */
  public <A extends Adaptable> A adaptable(A module) {
    adaptables.accept(module);
    return module;
  }

  /** Registers the layer being built as attention. Returns its index among the attention layers. */
  public int attends() {
    attentions.add(path);
    return attentions.size() - 1;
  }

  /** Declares that an input of the model contains ids of a table with this many rows. */
  public void looksUp(String input, long rows) {
    lookups.merge(input, rows, Math::min);
  }

  /** The dotted name {@code name} below {@code path}, which is empty at the root. */
  public static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
