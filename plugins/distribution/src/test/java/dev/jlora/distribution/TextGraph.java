package dev.jlora.distribution;

import com.google.inject.Binder;
import dev.jlora.model.attention.Attention;
import dev.jlora.model.layers.Activation;
import dev.jlora.model.layers.Dropout;
import dev.jlora.model.layers.Embedding;
import dev.jlora.model.layers.FirstToken;
import dev.jlora.model.layers.LayerNorm;
import dev.jlora.model.layers.Linear;
import dev.jlora.model.layers.Lookup;
import dev.jlora.model.layers.Output;
import dev.jlora.model.layers.OutputProjection;
import dev.jlora.model.layers.Positions;
import dev.jlora.model.layers.PostNorm;
import dev.jlora.model.layers.Residual;
import dev.jlora.model.layers.Sum;
import dev.jlora.model.layers.TiedLinear;
import dev.jlora.model.tree.Layer;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;
import dev.jlora.spi.LoweringContext;
import dev.jlora.spi.LoweringTarget;
import java.util.ArrayList;
import java.util.List;

/**
 * A target of lowerings: a text with a line for each operation. Values are {@code v1, v2, ...}, the
 * names of inputs and of parameters. It counts the multiply-adds of linears for one token.
 */
final class TextGraph {
  static final LoweringTarget<TextGraph, String> TEXT = new LoweringTarget<>("text");

  private final List<String> lines = new ArrayList<>();
  private int values;
  private long multiplyAdds;

  /** Adds an operation and returns its result. */
  String add(String operation, String... arguments) {
    String value = "v" + ++values;
    lines.add("%s = %s(%s)".formatted(value, operation, String.join(", ", arguments)));
    return value;
  }

  List<String> lines() {
    return lines;
  }

  long multiplyAdds() {
    return multiplyAdds;
  }

  private String linear(String x, long in, long out, List<String> parameters) {
    multiplyAdds += in * out;
    return add("linear", x, parameters);
  }

  private String add(String operation, String x, List<String> parameters) {
    List<String> arguments = new ArrayList<>(List.of(x));
    arguments.addAll(parameters);
    return add(operation, arguments.toArray(String[]::new));
  }

  private String output(String name, String x) {
    lines.add("output %s = %s".formatted(name, x));
    return x;
  }

  private static List<String> own(Layer layer, LoweringContext<?, ?> context) {
    return layer.parameters().stream()
        .map(parameter -> context.parameter(parameter.name()).name())
        .toList();
  }

  private static List<String> tied(TiedLinear layer, LoweringContext<?, ?> context) {
    List<String> names = new ArrayList<>(List.of(context.shared(layer.weight()).name()));
    names.addAll(own(layer, context));
    return names;
  }

  private static List<String> all(
      List<Layer> parts, String x, LoweringContext<TextGraph, String> context) {
    return parts.stream().map(part -> context.lower(part, x)).toList();
  }

  /** Lowers the kinds of BERT and GPT-2. */
  static final class TextPlugin implements JloraPlugin {
    @Override
    public void configure(Binder binder) {
      Contributions.of(binder)
          .lowering(TEXT, Lookup.class, (it, _, at) -> at.lower(it.table(), it.input()))
          .lowering(
              TEXT,
              Positions.class,
              (it, x, at) -> at.lower(it.table(), at.graph().add("positions", x)))
          .lowering(
              TEXT, Embedding.class, (it, ids, at) -> at.graph().add("rows", ids, own(it, at)))
          .lowering(
              TEXT,
              Linear.class,
              (it, x, at) -> at.graph().linear(x, it.in(), it.out(), own(it, at)))
          .lowering(
              TEXT,
              TiedLinear.class,
              (it, x, at) -> at.graph().linear(x, it.in(), it.out(), tied(it, at)))
          .lowering(TEXT, LayerNorm.class, (it, x, at) -> at.graph().add("norm", x, own(it, at)))
          .lowering(TEXT, Activation.class, (it, x, at) -> at.graph().add(it.name(), x))
          .lowering(TEXT, Dropout.class, (_, x, _) -> x)
          .lowering(TEXT, FirstToken.class, (_, x, at) -> at.graph().add("first", x))
          .lowering(
              TEXT,
              Sum.class,
              (it, x, at) -> at.graph().add("sum", all(it.parts(), x, at).toArray(String[]::new)))
          .lowering(
              TEXT, Residual.class, (it, x, at) -> at.graph().add("sum", x, at.lower(it.body(), x)))
          .lowering(
              TEXT,
              PostNorm.class,
              (it, x, at) -> at.lower(it.norm(), at.graph().add("sum", x, at.lower(it.body(), x))))
          .lowering(
              TEXT,
              Attention.class,
              (it, x, at) ->
                  at.graph().add("attention", all(it.projections(), x, at).toArray(String[]::new)))
          .lowering(
              TEXT,
              Output.class,
              (it, x, at) -> at.graph().output(it.name(), at.lower(it.body(), x)))
          .lowering(
              TEXT,
              OutputProjection.class,
              (it, x, at) -> at.graph().output(it.name(), at.lower(it.linear(), x)));
    }
  }
}
