package dev.jlora.ffi;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a C header that holds only typedefs and function declarations, and gives each function the
 * signature that Java calls it with on 64-bit Linux.
 */
final class CHeader {
  private static final Pattern IGNORED =
      Pattern.compile("/\\*.*?\\*/|^#.*?$|extern \"C\" \\{|^}", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern ENUM = Pattern.compile("enum \\w+ \\{([^}]*)};");
  private static final Pattern VALUE = Pattern.compile("(\\w+) = (-?\\d+)");
  private static final Pattern BYTES_TYPEDEF =
      Pattern.compile("typedef struct \\{ char \\w+\\[(\\d+)]; } (\\w+);");
  private static final Pattern FUNCTION_TYPEDEF =
      Pattern.compile("typedef .*\\(\\*(\\w+)\\) ?\\(.*\\)");
  private static final Pattern TYPEDEF = Pattern.compile("typedef (.*?)(\\w+)");
  private static final Pattern FUNCTION = Pattern.compile("(.*?)(\\w+) ?\\((.*)\\)");
  private static final Pattern PARAMETER = Pattern.compile("(.*?)\\w+");

  private final Map<String, MemoryLayout> types =
      new HashMap<>(
          Map.of(
              "bool", ValueLayout.JAVA_BOOLEAN,
              "uint8_t", ValueLayout.JAVA_BYTE,
              "int32_t", ValueLayout.JAVA_INT,
              "uint32_t", ValueLayout.JAVA_INT,
              "int64_t", ValueLayout.JAVA_LONG,
              "uint64_t", ValueLayout.JAVA_LONG,
              "size_t", ValueLayout.JAVA_LONG,
              "uintptr_t", ValueLayout.JAVA_LONG,
              "float", ValueLayout.JAVA_FLOAT,
              "double", ValueLayout.JAVA_DOUBLE));
  private final Map<String, FunctionDescriptor> functions = new TreeMap<>();

  private CHeader() {}

  /** Name to signature of every function that the header declares. */
  static Map<String, FunctionDescriptor> read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  static Map<String, FunctionDescriptor> parse(String text) {
    CHeader header = new CHeader();
    String plain = ENUM.matcher(text).replaceAll("");
    Matcher bytes = BYTES_TYPEDEF.matcher(plain);
    while (bytes.find()) {
      long length = Long.parseLong(bytes.group(1));
      header.types.put(
          bytes.group(2),
          MemoryLayout.structLayout(MemoryLayout.sequenceLayout(length, ValueLayout.JAVA_BYTE)));
    }
    plain = bytes.replaceAll("");
    String declarations = IGNORED.matcher(plain).replaceAll("").replaceAll("\\s+", " ");
    for (String declaration : declarations.split(";")) {
      if (!declaration.isBlank()) {
        header.add(declaration.strip());
      }
    }
    return header.functions;
  }

  /** Name to value of every constant in the header's enumerations. */
  static Map<String, Integer> values(String text) {
    Map<String, Integer> values = new TreeMap<>();
    ENUM.matcher(text)
        .results()
        .flatMap(found -> VALUE.matcher(found.group(1)).results())
        .forEach(found -> values.put(found.group(1), Integer.parseInt(found.group(2))));
    return values;
  }

  private void add(String declaration) {
    Matcher functionType = FUNCTION_TYPEDEF.matcher(declaration);
    Matcher type = TYPEDEF.matcher(declaration);
    Matcher function = FUNCTION.matcher(declaration);
    if (functionType.matches()) {
      types.put(functionType.group(1), ValueLayout.ADDRESS);
    } else if (type.matches()) {
      types.put(type.group(2), known(layout(type.group(1)), declaration));
    } else if (function.matches()) {
      FunctionDescriptor before =
          functions.put(function.group(2), descriptor(function.group(1), function.group(3)));
      if (before != null) {
        throw new IllegalArgumentException("declared twice: " + declaration);
      }
    } else {
      throw new IllegalArgumentException("neither a typedef nor a function: " + declaration);
    }
  }

  private FunctionDescriptor descriptor(String result, String parameters) {
    MemoryLayout[] layouts =
        parameters.strip().equals("void")
            ? new MemoryLayout[0]
            : Arrays.stream(parameters.split(","))
                .map(parameter -> known(layout(typeOf(parameter.strip())), parameter))
                .toArray(MemoryLayout[]::new);
    MemoryLayout resultLayout = layout(result);
    return resultLayout == null
        ? FunctionDescriptor.ofVoid(layouts)
        : FunctionDescriptor.of(resultLayout, layouts);
  }

  private static String typeOf(String parameter) {
    Matcher matcher = PARAMETER.matcher(parameter);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a parameter with a name: " + parameter);
    }
    return matcher.group(1);
  }

  /** Null for void. */
  private @Nullable MemoryLayout layout(String type) {
    String name = type.replace("const ", "").strip();
    if (name.contains("*")) {
      return ValueLayout.ADDRESS;
    }
    if (name.equals("void")) {
      return null;
    }
    MemoryLayout layout = types.get(name);
    if (layout == null) {
      throw new IllegalArgumentException("unknown type '" + name + "', known: " + types.keySet());
    }
    return layout;
  }

  private static MemoryLayout known(@Nullable MemoryLayout layout, String where) {
    if (layout == null) {
      throw new IllegalArgumentException("void in " + where);
    }
    return layout;
  }
}
