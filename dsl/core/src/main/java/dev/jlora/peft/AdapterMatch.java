package dev.jlora.peft;

import dev.jlora.io.FormatException;
import dev.jlora.io.Names;
import dev.jlora.io.TensorFile;
import dev.jlora.model.Aliases;
import dev.jlora.model.ParameterSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.LoggerFactory;

/**
 * The keys of an adapter's file matched with what the adapter stores.
 *
 * @param trained the key of everything that the adapter stores
 * @param base keys that contain a weight of the base model, with its name
 */
record AdapterMatch(Map<StoredTensor, String> trained, Map<String, String> base) {

  /**
   * Matches names and shapes.
   *
   * @throws FormatException naming every tensor that is missing, has another shape or is unknown
   */
  static AdapterMatch of(
      TargetedPlan<?> plan, List<AdapterTensors.Stored> stored, TensorFile file) {
    AdapterKeys adapterKeys = plan.method().traits().keys();
    Aliases aliases = plan.model().architecture().aliases();
    Map<String, String> known = new HashMap<>();
    plan.model().parameters().keySet().forEach(name -> known.put(aliases.of(name), name));
    plan.model().architecture().tied().keySet().forEach(name -> known.put(aliases.of(name), name));
    stored.forEach(one -> known.put(aliases.of(one.name()), one.name()));
    Set<String> names = new LinkedHashSet<>();
    stored.forEach(one -> names.add(one.name()));

    List<String> problems = new ArrayList<>();
    Map<String, String> keys = new HashMap<>();
    Map<String, String> repeated = new HashMap<>();
    Map<String, String> base = new LinkedHashMap<>();
    List<String> left = new ArrayList<>();
    for (String key : file.names()) {
      Optional<AdapterKeys.Key> read =
          adapterKeys.read(key, name -> known.containsKey(aliases.of(name)));
      if (read.isEmpty()) {
        left.add(key);
      } else if (!read.get().original()) {
        String name = known.get(aliases.of(read.get().parameter()));
        if (name == null) {
          LoggerFactory.getLogger(AdapterMatch.class)
              .warn(
                  "{}: {} is not read; its values follow from the configuration", file.path(), key);
        } else if (!names.contains(name)) {
          // the base's own bias of a module that is saved under its tied name, which is what counts
          boolean trained = plan.saved().parameters().contains(name);
          if (!read.get().repeated() && !trained) {
            base.put(key, name);
          }
        } else {
          (read.get().repeated() ? repeated : keys).putIfAbsent(name, key);
        }
      }
    }
    repeated.forEach(keys::putIfAbsent);
    Map<StoredTensor, String> trained = trained(adapterKeys, stored, keys, left, problems);
    trained.forEach(
        (tensor, key) ->
            check(
                key,
                file.shape(key),
                tensor,
                plan.method().traits().rankAxis(tensor.name()),
                problems));
    base.forEach((key, name) -> checkBase(plan, key, name, file.shape(key), problems));
    left.forEach(key -> problems.add(key + ": in the file, but not part of this adapter"));
    if (!problems.isEmpty()) {
      throw new FormatException(
          file.path(),
          "does not fit the model and the adapter's config:\n  " + String.join("\n  ", problems),
          "Load it on the base model it was trained on, with the adapter_config.json beside it.");
    }
    return new AdapterMatch(trained, base);
  }

  private static Map<StoredTensor, String> trained(
      AdapterKeys adapterKeys,
      List<AdapterTensors.Stored> stored,
      Map<String, String> keys,
      List<String> left,
      List<String> problems) {
    Map<StoredTensor, String> trained = new LinkedHashMap<>();
    Map<StoredTensor, String> wanted = new LinkedHashMap<>();
    for (AdapterTensors.Stored one : stored) {
      wanted.putIfAbsent(one.tensor(), one.name());
      if (keys.containsKey(one.name())) {
        trained.putIfAbsent(one.tensor(), keys.get(one.name()));
      }
    }
    wanted.forEach(
        (tensor, name) -> {
          if (!trained.containsKey(tensor)) {
            String key = adapterKeys.of(name);
            String near = left.isEmpty() ? "" : " (nearest: " + Names.some(left, key) + ")";
            problems.add(key + ": not in the file" + near);
          }
        });
    return trained;
  }

  private static void check(
      String key, List<Long> got, StoredTensor tensor, int rank, List<String> problems) {
    if (!tensor.takes(got)) {
      problems.add(misshapen(key, got, tensor.shape(), rank));
    }
  }

  private static void checkBase(
      TargetedPlan<?> plan, String key, String name, List<Long> got, List<String> problems) {
    String shared = plan.model().architecture().tied().getOrDefault(name, name);
    ParameterSpec spec = plan.model().parameters().get(shared);
    if (spec != null && !got.equals(spec.shape())) {
      problems.add(
          "%s: a weight of the base model, of shape %s where the base has %s (a resized vocabulary?)"
              .formatted(key, got, spec.shape()));
    }
  }

  /**
   * @param rank the axis that is the adapter's rank; -1 without one
   */
  private static String misshapen(String key, List<Long> got, List<Long> expected, int rank) {
    String text = "%s: got shape %s, expected %s".formatted(key, got, expected);
    boolean onlyRankDiffers =
        rank >= 0
            && got.size() == expected.size()
            && without(rank, got).equals(without(rank, expected));
    return onlyRankDiffers
        ? text
            + "; the file was trained with rank %d and is read as rank %d"
                .formatted(got.get(rank), expected.get(rank))
        : text;
  }

  private static List<Long> without(int axis, List<Long> shape) {
    List<Long> rest = new ArrayList<>(shape);
    rest.remove(axis);
    return rest;
  }
}
