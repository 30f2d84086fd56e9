package dev.jlora.model.runtime;

import dev.jlora.autograd.Functions;
import dev.jlora.autograd.LibtorchAutograd;
import dev.jlora.autograd.Tape;
import dev.jlora.kernels.UnpaddedRows;
import dev.jlora.model.ModelException;
import dev.jlora.model.Parameter;
import dev.jlora.ops.Ops;
import dev.jlora.tensor.Device;
import dev.jlora.tensor.Operator;
import dev.jlora.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a batch, grouped by the adapters they run. A pass sorts the batch by group once, so
 * that the rows of a group are a view of every tensor.
 *
 * @param rows B
 * @param order how the rows are sorted; null if those of each group are together already
 */
public record RowGroups(List<Group> groups, int rows, @Nullable Order order) {
  private static final Operator INDEX_SELECT = Operator.of("aten::index_select");

  /**
   * Rows with the same adapters.
   *
   * @param from the first, in the sorted batch
   * @param to after the last
   */
  public record Group(ActiveAdapters adapters, int from, int to) {}

  /**
   * A permutation of the rows.
   *
   * @param places the index in the batch of each sorted row
   * @param sorted the same, [B] INT64
   * @param back the index in the sorted batch of each row, [B] INT64
   */
  public record Order(long[] places, Tensor sorted, Tensor back) {}

  /** Groups the rows of a selection. Index tensors belong to the current scope. */
  public static RowGroups of(
      AdapterSelection.PerRow selection, Function<String, Adapter> attached, Device device) {
    Map<AdapterSelection, List<Integer>> members = new LinkedHashMap<>();
    for (int row = 0; row < selection.rows().size(); row++) {
      members.computeIfAbsent(selection.rows().get(row), _ -> new ArrayList<>()).add(row);
    }
    List<Group> groups = new ArrayList<>();
    long[] places = new long[selection.rows().size()];
    int place = 0;
    for (Map.Entry<AdapterSelection, List<Integer>> entry : members.entrySet()) {
      int from = place;
      for (int row : entry.getValue()) {
        places[place++] = row;
      }
      var together = (AdapterSelection.Weighted) entry.getKey();
      groups.add(new Group(ActiveAdapters.of(together, attached), from, place));
    }
    return new RowGroups(List.copyOf(groups), places.length, order(places, device));
  }

  private static @Nullable Order order(long[] places, Device device) {
    long[] back = new long[places.length];
    boolean sorted = true;
    for (int i = 0; i < places.length; i++) {
      back[(int) places[i]] = i;
      sorted &= places[i] == i;
    }
    return sorted ? null : new Order(places, ids(places, device), ids(back, device));
  }

  private static Tensor ids(long[] values, Device device) {
    return Ops.to(Tensor.of(values, values.length), device);
  }

  /** The entries of a batch with their rows sorted; entries without rows are unchanged. */
  public Map<String, Tensor> sorted(Tape tape, Map<String, Tensor> batch) {
    if (order == null) {
      return batch;
    }
    Map<String, Tensor> sorted = new LinkedHashMap<>();
    batch.forEach(
        (name, tensor) ->
            sorted.put(name, hasRows(tensor) ? select(tape, tensor, order.sorted) : tensor));
    return sorted;
  }

  /** A result [B, ...] with its rows in the order of the batch; others are unchanged. */
  Tensor restored(Tape tape, Tensor x) {
    return order == null || !hasRows(x) ? x : select(tape, x, order.back);
  }

  private boolean hasRows(Tensor x) {
    return x.rank() > 0 && x.size(0) == rows;
  }

  /** The rows of a group, from a sorted [B, ...]; entries without rows are unchanged. */
  public Tensor take(Tape tape, Tensor x, Group group) {
    return hasRows(x) ? Functions.slice(tape, x, 0, group.from, group.to) : x;
  }

  private static Tensor select(Tape tape, Tensor x, Tensor rows) {
    return tape.apply(
        new LibtorchAutograd("index_select", in -> INDEX_SELECT.one(in[0], 0L, in[1])), x, rows);
  }

  /**
   * Where the groups are in a sorted tensor: along its rows [B, ...], or along the tokens of an
   * unpadded batch [1, T, ...].
   *
   * @param ends after the last index of each group
   */
  record Layout(int dim, long[] ends) {
    long from(int group) {
      return group == 0 ? 0 : ends[group - 1];
    }

    long to(int group) {
      return ends[group];
    }
  }

  /**
   * The layout of a module's input.
   *
   * @param path of the module, for the message
   * @throws ModelException if the tensor has neither the batch's rows nor its tokens
   */
  Layout layout(Tensor x, @Nullable UnpaddedRows unpadded, String path) {
    long[] ends = new long[groups.size()];
    if (hasRows(x)) {
      Arrays.setAll(ends, i -> groups.get(i).to);
      return new Layout(0, ends);
    }
    if (unpadded != null && x.size(0) == 1 && x.size(1) == unpadded.tokens()) {
      Arrays.setAll(ends, i -> unpadded.rows().get(groups.get(i).to - 1).end());
      return new Layout(1, ends);
    }
    throw new ModelException(
        "%s: got %d rows, expected the %d of the batch, each of which has adapters of its own"
            .formatted(path, x.size(0), rows));
  }

  /** Whether adapters of some rows override a parameter. */
  boolean anyOverrides(@Nullable Parameter parameter) {
    return parameter != null
        && groups.stream().anyMatch(group -> group.adapters().override(parameter.name()) != null);
  }

  /** Whether adapters of some rows override a tied weight. */
  boolean anyOverrides(TiedWeight tied) {
    return tied.names().isEmpty()
        ? anyOverrides(tied.source())
        : groups.stream()
            .anyMatch(
                group ->
                    tied.names().stream()
                        .anyMatch(name -> group.adapters().override(name) != null));
  }

  /** Whether adapters of some rows adapt a module. */
  boolean anyAdapts(String path) {
    return groups.stream().anyMatch(group -> group.adapters().layer(path) != null);
  }
}
