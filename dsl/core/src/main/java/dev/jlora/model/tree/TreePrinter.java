package dev.jlora.model.tree;

import java.util.stream.Collectors;

/** Prints a tree of layers: one named layer per line, with its kind and its parameters. */
final class TreePrinter {
  private final StringBuilder text = new StringBuilder();

  private TreePrinter() {}

  static String print(Layer root) {
    TreePrinter printer = new TreePrinter();
    printer.visit(root, "", 0);
    return printer.text.toString();
  }

  private void visit(Layer layer, String name, int depth) {
    boolean shown = !name.isEmpty() || !layer.parameters().isEmpty() || layer.parts().isEmpty();
    if (shown && !(layer instanceof Named)) {
      line(layer, name, depth);
    }
    for (Layer part : layer.parts()) {
      if (layer instanceof Named named) {
        visit(part, join(name, named.name()), depth);
      } else {
        visit(part, "", shown ? depth + 1 : depth);
      }
    }
  }

  private void line(Layer layer, String name, int depth) {
    text.append("  ".repeat(depth));
    if (!name.isEmpty()) {
      text.append(name).append(": ");
    }
    text.append(layer.getClass().getSimpleName());
    if (layer.parts().isEmpty()) {
      text.append(
          layer.parameters().stream()
              .map(spec -> " " + spec.name() + spec.shape())
              .collect(Collectors.joining()));
    }
    text.append('\n');
  }

  private static String join(String outer, String inner) {
    return outer.isEmpty() ? inner : outer + "." + inner;
  }
}
