package dev.jlora.model.tree;

import dev.jlora.io.Names;
import dev.jlora.model.ModelException;
import dev.jlora.model.ParameterSpec;
import dev.jlora.model.TargetModule;
import dev.jlora.tensor.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The contents of a declared model, computed from the tree only: no weights are read and no native
 * library is needed.
 *
 * @param architecture the declaration
 * @param parameters every parameter by its full name, in the order of the tree
 * @param targets the modules that can have an adapter, by path, in the order of the tree
 * @param modules the path of every named layer
 */
public record ModelPlan(
    Architecture architecture,
    Map<String, ParameterSpec> parameters,
    Map<String, TargetModule> targets,
    Set<String> modules) {

  /**
   * Walks the tree of declarations; nothing is read or allocated.
   *
   * @throws ModelException if a parameter is declared twice, or no layer outputs what the
   *     architecture names
   */
  public static ModelPlan of(Architecture architecture) {
    ModelPlan plan =
        new ModelPlan(
            architecture, new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashSet<>());
    plan.walk("", "", architecture.root(), new HashSet<>());
    plan.checkOutputs();
    return plan;
  }

  private void checkOutputs() {
    Set<String> given = Optimizations.outputsOf(architecture.root());
    for (String name : architecture.outputs()) {
      if (!given.contains(name)) {
        throw new ModelException(
            "%s names the output %s, which no layer outputs; the nearest are %s"
                .formatted(architecture.name(), name, Names.some(given, name)));
      }
    }
  }

  /**
   * @param path of the layer
   * @param source the path of its parameters; null if they were declared by a block that this one
   *     repeats
   * @param repeated the paths of blocks that others may repeat
   */
  private void walk(String path, @Nullable String source, Layer layer, Set<String> repeated) {
    if (source != null) {
      declare(source, layer);
    }
    TargetModule target = layer.target(path);
    if (target != null) {
      targets.put(path, target);
    }
    for (Layer part : layer.parts()) {
      if (layer instanceof Named named) {
        String inner = Assembly.join(path, named.name());
        addModule(inner);
        if (part instanceof Replica replica) {
          String block = source == null ? null : Assembly.join(source, replica.source());
          walk(
              inner,
              block != null && repeated.add(block) ? block : null,
              replica.block(),
              repeated);
        } else {
          walk(inner, source == null ? null : Assembly.join(source, named.name()), part, repeated);
        }
      } else {
        walk(path, source, part, repeated);
      }
    }
    List<Integer> sections = layer.sections();
    if (!sections.isEmpty() && layer.parts().getFirst() instanceof Named fused) {
      targets.computeIfPresent(
          Assembly.join(path, fused.name()), (_, linear) -> linear.divided(sections));
    }
  }

  private void declare(String path, Layer layer) {
    for (ParameterSpec spec : layer.parameters()) {
      ParameterSpec full = spec.under(path);
      if (parameters.put(full.name(), full) != null) {
        throw new ModelException(
            ("%s declares the parameter %s twice:"
                    + " give one of the layers its own name with named(...)")
                .formatted(architecture.name(), full.name()));
      }
    }
  }

  /** Every prefix of a dotted name is a module, as in the checkpoint's own code. */
  private void addModule(String path) {
    int dot = path.lastIndexOf('.');
    if (dot > 0 && !modules.contains(path.substring(0, dot))) {
      addModule(path.substring(0, dot));
    }
    modules.add(path);
  }

  /** The full names of the parameters at or below a module. */
  public List<String> parametersOf(String module) {
    List<String> names = new ArrayList<>();
    for (String name : parameters.keySet()) {
      if (name.startsWith(module + ".")) {
        names.add(name);
      }
    }
    return names;
  }

  /**
   * The weights that a layer shares with another one, as named by {@link Architecture#tied}: from
   * the name under which a checkpoint may store a copy ({@code lm_head.weight}) to the shared
   * parameter ({@code model.embed_tokens.weight}). Shared biases are not included: their layer
   * reads them under one name.
   */
  public Map<String, String> tiedWeights() {
    Map<String, String> weights = new LinkedHashMap<>();
    new TreeMap<>(architecture.tied())
        .forEach(
            (name, source) -> {
              if (name.endsWith(".weight") && parameters.containsKey(source)) {
                weights.put(name, source);
              }
            });
    return weights;
  }

  /** Number of elements of all parameters. */
  public long elements() {
    return parameters.values().stream().mapToLong(ParameterSpec::elements).sum();
  }

  /** Size of all parameters in {@code dtype}, in bytes. */
  public long bytes(DType dtype) {
    return elements() * dtype.bytes();
  }
}
