package dev.jlora.peft;

import dev.jlora.model.TargetModule;
import dev.jlora.model.TargetModule.Kind;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The kinds of layers that an adapter method attaches to.
 *
 * @param method the method's name, as messages spell it: {@code LoRA}
 */
public record Placement(String method, Set<Kind> kinds) {
  public Placement {
    kinds = Set.copyOf(kinds);
    if (kinds.isEmpty()) {
      throw new IllegalArgumentException(method + " attaches to no kind of layer");
    }
  }

  /** The layers of these kinds. */
  public static Placement on(String method, TargetModule.Kind first, TargetModule.Kind... more) {
    return new Placement(method, EnumSet.of(first, more));
  }

  /** One layer of that kind, with its article. */
  static String one(Kind kind) {
    return switch (kind) {
      case LINEAR -> "a linear layer";
      case EMBEDDING -> "an embedding";
      case CONVOLUTION -> "a convolution";
    };
  }

  private static String several(Kind kind) {
    return switch (kind) {
      case LINEAR -> "linear layers";
      case EMBEDDING -> "embeddings";
      case CONVOLUTION -> "convolutions";
    };
  }

  /** A clause: "LoRA goes on linear layers and convolutions". */
  @Override
  public String toString() {
    List<String> layers =
        Arrays.stream(Kind.values()).filter(kinds::contains).map(Placement::several).toList();
    return method + " goes on " + layers.stream().collect(Collectors.joining(" and "));
  }
}
