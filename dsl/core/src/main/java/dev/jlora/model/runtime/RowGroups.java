package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.LibtorchAutograd;
import dev.jlora.autograd.Tape;
import dev.jlora.model.Parameter;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a batch, grouped by the adapters they run.
 *
 * @param back the index of each row of the batch in the concatenated groups, [B] INT64
 */
public record RowGroups(List<Group> groups, long rows, Tensor back) {
  private static final Operator INDEX_SELECT = Operator.of("aten::index_select");

  /**
   * Rows with the same adapters.
   *
   * @param rows their indices in the batch, [n] INT64
   */
  public record Group(ActiveAdapters adapters, Tensor rows) {}

  /** Groups the rows of a selection. Index tensors belong to the current scope. */
  public static RowGroups of(
      AdapterSelection.PerRow selection, Function<String, Adapter> attached, Device device) {
    Map<AdapterSelection, List<Integer>> members = new LinkedHashMap<>();
    for (int row = 0; row < selection.rows().size(); row++) {
      members.computeIfAbsent(selection.rows().get(row), _ -> new ArrayList<>()).add(row);
    }
    List<Group> groups = new ArrayList<>();
    long[] back = new long[selection.rows().size()];
    int place = 0;
    for (Map.Entry<AdapterSelection, List<Integer>> entry : members.entrySet()) {
      long[] rows = entry.getValue().stream().mapToLong(Integer::longValue).toArray();
      for (long row : rows) {
        back[(int) row] = place++;
      }
      var together = (AdapterSelection.Weighted) entry.getKey();
      groups.add(new Group(ActiveAdapters.of(together, attached), ids(rows, device)));
    }
    return new RowGroups(List.copyOf(groups), back.length, ids(back, device));
  }

  private static Tensor ids(long[] values, Device device) {
    return Ops.to(Tensor.of(values, values.length), device);
  }

  /** The rows of a group, from [B, ...]. */
  public static Tensor take(Tape tape, Tensor x, Group group) {
    return select(tape, x, group.rows());
  }

  /** Joins the results of the groups, in their order, to a batch [B, ...]. */
  public Tensor join(Tape tape, List<Tensor> parts) {
    Tensor all =
        parts.size() == 1 ? parts.getFirst() : Functions.cat(tape, 0, parts.toArray(Tensor[]::new));
    return select(tape, all, back);
  }

  private static Tensor select(Tape tape, Tensor x, Tensor rows) {
    return tape.apply(
        new LibtorchAutograd("index_select", in -> INDEX_SELECT.one(in[0], 0L, in[1])), x, rows);
  }

  /** Whether adapters of some rows override a parameter. */
  boolean anyOverrides(@Nullable Parameter parameter) {
    return parameter != null
        && groups.stream().anyMatch(group -> group.adapters().override(parameter.name()) != null);
  }

  /** Whether adapters of some rows adapt a module. */
  boolean anyAdapts(String path) {
    return groups.stream().anyMatch(group -> group.adapters().layer(path) != null);
  }
}
