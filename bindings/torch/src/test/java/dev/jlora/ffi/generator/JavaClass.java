package dev.jlora.ffi.generator;

import dev.jlora.ffi.generator.Header.Function;
import dev.jlora.ffi.generator.Header.Parameter;
import dev.jlora.ffi.generator.Header.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The Java source of one class: for each function a descriptor, a handle and a method that calls
 * it, and nothing else.
 *
 * <p>With {@code @library} the functions are bound once for the process, each when it is first
 * called ({@code Downcalls}). With {@code @object} an object binds all of them when it is made, so
 * that a test can make one over functions of its own ({@code BoundLibrary}).
 */
final class JavaClass {
  private final String javaPackage;
  private final String header;
  private final Section section;
  private final Lines out = new Lines();

  private JavaClass(String javaPackage, String header, Section section) {
    this.javaPackage = javaPackage;
    this.header = header;
    this.section = section;
  }

  /**
   * The text of the class's file.
   *
   * @param header the path of the header in the project
   */
  static String source(String javaPackage, String header, Section section) {
    return new JavaClass(javaPackage, header, section).write();
  }

  private String write() {
    boolean object = section.comment().has("object");
    boolean library = section.comment().has("library");
    if (!section.functions().isEmpty() && object == library) {
      throw new HeaderException(
          header,
          section.line(),
          "class %s has functions, so it needs one of @library and @object"
              .formatted(section.name()));
    }
    out.add(Generate.marker(header));
    out.add("package " + javaPackage + ";");
    out.add("");
    imports(object);
    out.javadoc("", section.comment().text(), "");
    if (object) {
      writeObject();
    } else if (library) {
      writeLibrary();
    } else {
      writeValues();
    }
    return out.add("}").toString();
  }

  // ---- Imports -------------------------------------------------------------------------------

  private void imports(boolean object) {
    if (section.functions().isEmpty()) {
      return;
    }
    var statics = new TreeSet<String>();
    var types = new TreeSet<String>();
    if (!object) {
      statics.add("dev.jlora.ffi.Downcalls.unexpected");
      if (section.functions().stream().anyMatch(this::optional)) {
        types.add("org.jspecify.annotations.Nullable");
      }
    } else {
      types.add("java.lang.foreign.SymbolLookup");
      types.add("java.util.Map");
      types.add("java.util.Optional");
    }
    types.add("java.lang.foreign.FunctionDescriptor");
    if (!section.functions().stream().allMatch(it -> it.comment().has("address"))) {
      types.add("java.lang.invoke.MethodHandle");
    }
    for (Function function : section.functions()) {
      for (CType type : bound(function)) {
        if (type.bytes() > 0) {
          statics.add("java.lang.foreign.ValueLayout.JAVA_BYTE");
          types.add("java.lang.foreign.MemoryLayout");
        } else if (!type.isVoid()) {
          statics.add("java.lang.foreign.ValueLayout." + type.layout());
        }
        if (type.java().equals("MemorySegment")) {
          types.add("java.lang.foreign.MemorySegment");
        }
      }
    }
    statics.forEach(name -> out.add("import static " + name + ";"));
    out.add("");
    types.forEach(name -> out.add("import " + name + ";"));
    out.add("");
  }

  private static List<CType> types(Function function) {
    return Stream.concat(
            Stream.of(function.result()), function.parameters().stream().map(Parameter::type))
        .toList();
  }

  /** The types that its Java names. */
  private static List<CType> bound(Function function) {
    return function.comment().has("address") ? List.of(CType.POINTER) : types(function);
  }

  // ---- Bound once ----------------------------------------------------------------------------

  private void writeLibrary() {
    String type = section.name();
    boolean implementing = section.comment().has("implements");
    out.add(
        implementing
            ? "final class %s implements %s {"
                .formatted(type, section.comment().argument("implements"))
            : "public final class %s {".formatted(type));
    List<String> required =
        section.functions().stream()
            .filter(function -> !optional(function))
            .map(function -> quoted(function.name()))
            .toList();
    out.call(
        "  private static final Downcalls C =",
        "Downcalls." + section.comment().argument("library"),
        required);
    out.add("").add("  %s%s() {}".formatted(implementing ? "" : "private ", type));
    if (allOrNone()) {
      availability();
    }
    for (Function function : section.functions()) {
      holder(function);
      if (function.comment().has("address")) {
        address(function);
      } else {
        method(function, Names.holder(name(function)) + ".HANDLE", implementing);
      }
    }
  }

  private boolean allOrNone() {
    return section.comment().has("optional");
  }

  private boolean optional(Function function) {
    return allOrNone() || function.comment().has("optional");
  }

  private void holder(Function function) {
    boolean address = function.comment().has("address");
    boolean critical = function.comment().has("critical");
    if (address || critical) {
      requireOneOf(function, address, critical);
    }
    String name = name(function);
    out.add("").add("  private static final class %s {".formatted(Names.holder(name)));
    if (!address) {
      descriptor(function, "    static final FunctionDescriptor DESCRIPTOR =");
    }
    String nullable = optional(function) ? "@Nullable " : "";
    String type = address ? "MemorySegment POINTER" : "MethodHandle HANDLE";
    String bind =
        address ? "address" : critical ? "critical" : optional(function) ? "optional" : "required";
    List<String> arguments =
        address ? List.of(quoted(function.name())) : List.of(quoted(function.name()), "DESCRIPTOR");
    out.call("    static final " + nullable + type + " =", "C." + bind, arguments);
    out.add("  }");
    if (optional(function) && !allOrNone()) {
      out.add("").add("  /** Whether the library has {@link #%s}. */".formatted(name));
      if (modifier().isEmpty()) {
        out.add("  @Override");
      }
      out.add("  public %sboolean has%s() {".formatted(modifier(), Names.holder(name)));
      out.add("    return %s != null;".formatted(constant(function))).add("  }");
    }
  }

  private void requireOneOf(Function function, boolean address, boolean critical) {
    if (address && critical || critical && optional(function) || address && !allOrNone()) {
      throw new HeaderException(
          header,
          function.line(),
          ("'%s': @critical is for functions that are always there, @address for those of a class"
                  + " that is @optional as a whole")
              .formatted(function.name()));
    }
  }

  private String modifier() {
    return section.comment().has("implements") ? "" : "static ";
  }

  private String constant(Function function) {
    return Names.holder(name(function))
        + (function.comment().has("address") ? ".POINTER" : ".HANDLE");
  }

  private void availability() {
    List<String> present =
        section.functions().stream().map(function -> constant(function) + " != null").toList();
    out.add("").add("  /** Whether the library has all functions of this class. */");
    out.add("  public static boolean available() {");
    String flat = "    return " + String.join(" && ", present) + ";";
    out.add(flat.length() <= 100 ? flat : flat.replace(" && ", "\n        && ")).add("  }");
  }

  private void address(Function function) {
    out.add("");
    out.javadoc("  ", function.comment().text(), function.source());
    out.add("  public static MemorySegment %s() {".formatted(name(function)));
    out.add("    return Downcalls.present(%s);".formatted(constant(function)));
    out.add("  }");
  }

  // ---- Bound by an object --------------------------------------------------------------------

  private void writeObject() {
    String type = section.name();
    String library = section.comment().argument("object");
    out.add("public final class %s extends BoundLibrary {".formatted(type));
    section.functions().stream()
        .flatMap(function -> types(function).stream())
        .filter(it -> it.bytes() > 0)
        .distinct()
        .forEach(this::struct);
    out.block(
        """
          /** Binds against a library, or against whatever else has its functions. */
          public %1$s(SymbolLookup symbols) {
            super(symbols, Library.%2$s);
          }

          /**
           * Binds against the library of this machine.
           *
           * @throws dev.jlora.natives.NativeLoadException if it is missing
           */
          public static %1$s load() {
            return new %1$s(Library.%2$s.symbols());
          }
        """
            .formatted(type, library));
    for (Function function : section.functions()) {
      String name = name(function);
      if (!Set.of("name").containsAll(function.comment().tags().keySet())) {
        throw new HeaderException(
            header,
            function.line(),
            "'%s': @object binds all functions alike, so @name is the only tag they can have"
                .formatted(function.name()));
      }
      out.add("");
      descriptor(
          function,
          "  private static final FunctionDescriptor %s =".formatted(Names.constant(name)));
      out.call(
          "  private final MethodHandle " + name + " =",
          "function",
          List.of(quoted(function.name()), Names.constant(name)));
      method(function, name, false);
    }
    out.block(
        """

          /** Name to signature of every function of this class; needs no library. */
          public static Map<String, FunctionDescriptor> declarations() {
            return new %s(name -> Optional.empty()).declared();
          }
        """
            .formatted(type));
  }

  private void struct(CType type) {
    out.add("  private static final MemoryLayout %s =".formatted(type.layout()));
    out.add(
        "      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(%d, JAVA_BYTE));"
            .formatted(type.bytes()));
    out.add("");
  }

  // ---- Both ----------------------------------------------------------------------------------

  private void descriptor(Function function, String begin) {
    List<String> layouts =
        types(function).stream().map(CType::layout).filter(it -> !it.isEmpty()).toList();
    String factory = function.result().isVoid() ? "ofVoid" : "of";
    out.call(begin, "FunctionDescriptor." + factory, layouts);
  }

  private void method(Function function, String handle, boolean implementing) {
    boolean object = section.comment().has("object");
    List<String> names = function.parameters().stream().map(it -> Names.camel(it.name())).toList();
    List<String> parameters = new ArrayList<>();
    for (Parameter parameter : function.parameters()) {
      parameters.add(parameter.type().java() + " " + Names.camel(parameter.name()));
    }
    out.add("");
    out.javadoc("  ", function.comment().text(), function.source());
    if (implementing) {
      out.add("  @Override");
    }
    String java = function.result().java();
    out.head(
        "  public %s%s %s".formatted(object ? "" : modifier(), java, name(function)), parameters);
    out.add("    try {");
    String begin = function.result().isVoid() ? "      " : "      return (" + java + ")";
    out.call(begin, handle + ".invokeExact", names);
    out.block(
        """
            } catch (Throwable thrown) {
              throw unexpected(thrown);
            }
          }
        """);
  }

  private String name(Function function) {
    return function.comment().has("name")
        ? function.comment().argument("name")
        : Names.java(function.name(), section.comment().argument("prefix"));
  }

  private static String quoted(String name) {
    return '"' + name + '"';
  }

  // ---- Constants -----------------------------------------------------------------------------

  private void writeValues() {
    out.add("public final class %s {".formatted(section.name()));
    for (var enumeration : section.enumerations()) {
      if (enumeration.comment().has("byhand")) {
        continue;
      }
      out.add("  // " + enumeration.name());
      enumeration
          .values()
          .forEach(
              (name, value) ->
                  out.add("  public static final int %s = %d;".formatted(name, value)));
      out.add("");
    }
    out.add("  private %s() {}".formatted(section.name()));
  }
}
