package dev.jlora.peft;

import dev.jlora.model.tree.ModelPlan;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The modules that are trained in full and saved with an adapter, by PEFT's rules. If the
 * embeddings or a weight tied to them are saved, the two are untied: the saved one is trained, the
 * other keeps the base's values. With {@code ensure_weight_tying} they stay tied.
 *
 * @param paths the modules, none inside another
 * @param parameters names of what is trained: parameters of the model, or tied weights
 * @param untied tied weights that get a parameter of their own, trained or not
 * @param stored what a file calls a parameter, by that name: for each at least one name, the first
 *     one first
 * @param names the value of {@code modules_to_save} in a file
 * @param tied the value of {@code ensure_weight_tying} in a file
 * @param notes notes for the user, one sentence each
 */
public record SavedModules(
    List<String> paths,
    List<String> parameters,
    List<String> untied,
    Map<String, String> stored,
    List<String> names,
    boolean tied,
    List<String> notes) {

  /** The last names that PEFT ties by, regardless of the model's own names. */
  private static final List<String> PEFT_TIES = List.of("embed_tokens", "lm_head");

  /**
   * Resolves the modules to save of an adapter without target modules.
   *
   * @param asked the job's {@code modules_to_save}
   * @param taskType PEFT's name, or empty; decides which head is saved
   * @param problems collects names that match no module, one sentence each
   */
  public static SavedModules of(
      ModelPlan model, List<String> asked, String taskType, List<String> problems) {
    return of(
        model,
        asked,
        /* tie= */ false,
        new HeadRules(taskType),
        ModuleNames.of(model),
        /* read= */ false,
        problems);
  }

  /**
   * Resolves the modules to save.
   *
   * @param asked the spec's {@code modules_to_save}
   * @param tie the spec's {@code ensure_weight_tying}
   * @param names those of the modules
   * @param problems collects names that match no module
   * @param read whether the spec comes from a saved adapter, for which PEFT's own conditions for
   *     tying hold
   */
  static SavedModules of(
      ModelPlan model,
      List<String> asked,
      boolean tie,
      HeadRules heads,
      ModuleNames names,
      boolean read,
      List<String> problems) {
    Builder saved = new Builder(model);
    List<String> all = heads.namesToSave(asked);
    for (String name : asked) {
      if (saved.named(List.of(name), names).isEmpty()) {
        problems.add(new Unmatched(model, names).missing("modules_to_save", name));
      }
    }
    saved.paths.addAll(saved.named(all, names));
    saved.asked.addAll(saved.paths);
    boolean tying =
        tie
            && (!read || all.stream().anyMatch(SavedModules::isTiedByPeft))
            && model.tiedWeights().entrySet().stream()
                .anyMatch(it -> saved.holds(it.getKey()) || saved.holds(it.getValue()));
    if (tie && !tying) {
      saved.notes.add(
          "ensure_weight_tying has no effect: modules_to_save names no weight that this model"
              + " ties");
    }
    if (tying) {
      saved.tie();
    } else {
      saved.untie();
    }
    return saved.build(all, tying, tie);
  }

  /**
   * These, and parameters that targets train in place of the base's.
   *
   * @param overrides from the name in a file to the parameter's
   */
  SavedModules and(Map<String, String> overrides) {
    Set<String> all = new LinkedHashSet<>(parameters);
    all.addAll(overrides.values());
    Map<String, String> inFiles = new LinkedHashMap<>(stored);
    inFiles.putAll(overrides);
    return new SavedModules(paths, List.copyOf(all), untied, inFiles, names, tied, notes);
  }

  private static boolean isTiedByPeft(String name) {
    return PEFT_TIES.contains(name.substring(name.lastIndexOf('.') + 1));
  }

  private static final class Builder {
    private final ModelPlan model;
    private final Set<String> paths = new LinkedHashSet<>();
    private final Set<String> asked = new LinkedHashSet<>();
    private final Map<String, String> copies = new LinkedHashMap<>();
    private final Map<String, String> renamed = new LinkedHashMap<>();
    private final List<String> own = new ArrayList<>();
    private final List<String> untied = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    Builder(ModelPlan model) {
      this.model = model;
    }

    /** The outermost modules whose path, in one of its names, ends with one of these. */
    List<String> named(List<String> ends, ModuleNames names) {
      List<String> found = new ArrayList<>();
      Set<String> modules = new LinkedHashSet<>(model.modules());
      model.tiedWeights().keySet().forEach(weight -> modules.add(module(weight)));
      Set<String> inOwn = new LinkedHashSet<>();
      for (String end : ends) {
        if (!names.othersOnly() && modules.stream().anyMatch(path -> path.endsWith(end))) {
          inOwn.add(end);
        }
      }
      for (String path : modules) {
        String other = names.other(path);
        boolean meant =
            ends.stream()
                .anyMatch(end -> inOwn.contains(end) ? path.endsWith(end) : other.endsWith(end));
        if (meant && found.stream().noneMatch(outer -> path.startsWith(outer + "."))) {
          found.removeIf(inner -> inner.startsWith(path + "."));
          found.add(path);
        }
      }
      return found;
    }

    boolean holds(String parameter) {
      return isWithin(parameter, paths);
    }

    private static boolean isWithin(String parameter, Set<String> modules) {
      return modules.stream().anyMatch(path -> parameter.startsWith(path + "."));
    }

    /** Keeps both tied: the embeddings are trained, and stored under both names. */
    void tie() {
      model
          .tiedWeights()
          .forEach(
              (weight, source) -> {
                if (holds(weight) || holds(source)) {
                  if (!holds(source)) {
                    paths.add(module(source));
                  }
                  copies.put(weight, source);
                  paths.add(module(weight));
                }
              });
      biases();
    }

    void untie() {
      model
          .tiedWeights()
          .forEach(
              (weight, source) -> {
                if (holds(weight)) {
                  own.add(weight);
                  untied.add(weight);
                  notes.add(
                      "%s is trained as a weight of its own, no longer tied to %s"
                          .formatted(weight, source));
                } else if (holds(source)) {
                  untied.add(weight);
                  notes.add(
                      ("%s is trained and %s stays that of the base, as in PEFT without"
                              + " ensure_weight_tying")
                          .formatted(source, weight));
                }
              });
      biases();
    }

    /** A bias that the output layer shares with the head around it is stored under both names. */
    private void biases() {
      model
          .architecture()
          .tied()
          .forEach(
              (name, source) -> {
                boolean bias = !name.endsWith(".weight") && model.parameters().containsKey(source);
                if (bias && holds(name)) {
                  (holds(source) ? copies : renamed).put(name, source);
                }
              });
    }

    SavedModules build(List<String> given, boolean tying, boolean flagged) {
      List<String> outer =
          paths.stream()
              .filter(path -> paths.stream().noneMatch(it -> path.startsWith(it + ".")))
              .toList();
      Set<String> parameters = new LinkedHashSet<>();
      outer.forEach(path -> parameters.addAll(model.parametersOf(path)));
      parameters.addAll(own);
      Map<String, String> stored = new LinkedHashMap<>();
      parameters.forEach(name -> stored.put(name, name));
      stored.putAll(copies);
      renamed.forEach(
          (name, source) -> {
            parameters.add(source);
            stored.put(name, source);
          });
      return new SavedModules(
          List.copyOf(outer),
          List.copyOf(parameters),
          List.copyOf(untied),
          stored,
          names(given, tying),
          flagged && (!tying || plainHead()),
          List.copyOf(notes));
    }

    /** PEFT ties by the name of the head; where it cannot, both modules are listed as separate. */
    private List<String> names(List<String> given, boolean tying) {
      Set<String> names = new LinkedHashSet<>(given);
      if (tying) {
        model
            .tiedWeights()
            .forEach(
                (weight, source) -> {
                  if (!isWithin(weight, asked)) {
                    names.add(module(weight));
                  }
                  if (!plainHead() && !isWithin(source, asked)) {
                    names.add(module(source));
                  }
                });
      }
      return List.copyOf(names);
    }

    /** Whether PEFT recognizes the tied output layer: a linear that it knows by name. */
    private boolean plainHead() {
      return copies.keySet().stream()
          .filter(name -> name.endsWith(".weight"))
          .allMatch(weight -> isTiedByPeft(module(weight)));
    }

    private static String module(String parameter) {
      return parameter.substring(0, parameter.lastIndexOf('.'));
    }
  }
}
