package dev.jlora.ffi.generator;

import dev.jlora.ffi.generator.Tokens.Kind;
import dev.jlora.ffi.generator.Tokens.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A C header, read. It may hold what jlora's own headers need and nothing else; anything else is an
 * error with file and line:
 *
 * <ul>
 *   <li>an include guard, {@code #include <...>}, {@code extern "C" {}}, comments between slash and
 *       star;
 *   <li>typedefs of a type, of a function pointer, and of a struct of nothing but bytes;
 *   <li>enums whose constants all have a decimal number;
 *   <li>functions with named parameters, of the types in {@link CType}, of typedefs and of
 *       pointers.
 * </ul>
 *
 * <p>The comment right before a declaration belongs to it. One with {@code @class} begins a class,
 * which all functions and enums until the next one belong to.
 */
final class Header {
  /** A parameter of a function. */
  record Parameter(CType type, String name) {}

  /**
   * A function.
   *
   * @param source its declaration as the header has it
   */
  record Function(
      Comment comment,
      CType result,
      String name,
      List<Parameter> parameters,
      String source,
      int line) {}

  /** An enum, with its constants in their order. */
  record Enumeration(Comment comment, String name, Map<String, Integer> values) {}

  /** What one Java class is made of. */
  record Section(
      Comment comment, int line, List<Function> functions, List<Enumeration> enumerations) {
    String name() {
      return comment.argument("class");
    }
  }

  private final String file;
  private final Tokens tokens;
  private final Map<String, CType> types = new HashMap<>(CType.KNOWN);
  private final Set<String> names = new HashSet<>();
  private final List<Section> sections = new ArrayList<>();
  private Comment comment = Comment.NONE;

  private Header(String file, String text) {
    this.file = file;
    this.tokens = new Tokens(file, text);
  }

  /** The classes that a header describes, in its order. */
  static List<Section> parse(String file, String text) {
    Header header = new Header(file, text);
    while (header.tokens.peek().kind() != Kind.END) {
      header.declaration();
    }
    return header.sections;
  }

  private void declaration() {
    if (tokens.peek().kind() == Kind.COMMENT) {
      comment();
    } else if (tokens.accept("extern")) {
      tokens.expect("\"C\"");
      tokens.expect("{");
    } else if (tokens.accept("}")) {
      comment = Comment.NONE;
    } else if (tokens.accept("typedef")) {
      typedef();
      comment = Comment.NONE;
    } else if (tokens.accept("enum")) {
      enumeration();
      comment = Comment.NONE;
    } else {
      function();
      comment = Comment.NONE;
    }
  }

  private void comment() {
    Token token = tokens.take();
    comment = Comment.parse(tokens, token);
    if (comment.has("class")) {
      unique(token, comment.argument("class"));
      requireTags(token, Comment.CLASS_TAGS, "a class");
      sections.add(new Section(comment, token.line(), new ArrayList<>(), new ArrayList<>()));
      comment = Comment.NONE;
    }
  }

  private void requireTags(Token token, Set<String> allowed, String what) {
    for (String tag : comment.tags().keySet()) {
      if (!allowed.contains(tag)) {
        throw tokens.at(token, "'@" + tag + "' is not a tag of " + what);
      }
    }
  }

  private void typedef() {
    Token first = tokens.peek();
    if (tokens.accept("struct")) {
      tokens.expect("{");
      tokens.expect("char");
      tokens.expect(Kind.WORD, "a name");
      tokens.expect("[");
      int bytes = Integer.parseInt(tokens.expect(Kind.NUMBER, "a number of bytes").text());
      for (String mark : List.of("]", ";", "}")) {
        tokens.expect(mark);
      }
      Token name = tokens.expect(Kind.WORD, "a name");
      define(name, CType.struct(name.text(), bytes));
    } else {
      CType type = type();
      if (tokens.accept("(")) {
        tokens.expect("*");
        Token name = tokens.expect(Kind.WORD, "a name");
        tokens.expect(")");
        parameters();
        define(name, CType.POINTER);
      } else if (type.isVoid()) {
        throw tokens.at(first, "a typedef of void");
      } else {
        define(tokens.expect(Kind.WORD, "a name"), type);
      }
    }
    tokens.expect(";");
  }

  private void define(Token name, CType type) {
    if (types.put(name.text(), type) != null) {
      throw tokens.at(name, "'" + name.text() + "' is defined twice");
    }
  }

  private void enumeration() {
    Token name = tokens.expect(Kind.WORD, "a name");
    Map<String, Integer> values = new LinkedHashMap<>();
    tokens.expect("{");
    do {
      Token constant = tokens.expect(Kind.WORD, "a constant");
      unique(constant, constant.text());
      tokens.expect("=");
      String number = tokens.expect(Kind.NUMBER, "a decimal number").text();
      values.put(constant.text(), Integer.parseInt(number));
    } while (tokens.accept(","));
    tokens.expect("}");
    tokens.expect(";");
    requireTags(name, Comment.ENUM_TAGS, "an enum");
    section(name).enumerations().add(new Enumeration(comment, name.text(), values));
  }

  private void function() {
    Token first = tokens.peek();
    CType result = type();
    Token name = tokens.expect(Kind.WORD, "the name of a function");
    unique(name, name.text());
    List<Parameter> parameters = parameters();
    String source = tokens.source(first, tokens.expect(";"));
    requireTags(name, Comment.FUNCTION_TAGS, "a function");
    if (comment.text().isEmpty()) {
      throw tokens.at(first, "'" + name.text() + "' has no comment, which its Javadoc is made of");
    }
    section(name)
        .functions()
        .add(new Function(comment, result, name.text(), parameters, source, first.line()));
  }

  private List<Parameter> parameters() {
    List<Parameter> parameters = new ArrayList<>();
    tokens.expect("(");
    if (tokens.accept("void")) {
      if (tokens.accept(")")) {
        return parameters;
      }
      parameters.add(parameter(pointers(CType.VOID)));
    } else {
      parameters.add(parameter(type()));
    }
    while (tokens.accept(",")) {
      parameters.add(parameter(type()));
    }
    tokens.expect(")");
    return parameters;
  }

  private Parameter parameter(CType type) {
    Token name = tokens.expect(Kind.WORD, "the name of a parameter");
    if (type.isVoid()) {
      throw tokens.at(name, "parameter '" + name.text() + "' is void");
    }
    return new Parameter(type, name.text());
  }

  private CType type() {
    tokens.accept("const");
    Token name = tokens.expect(Kind.WORD, "a declaration");
    CType type = types.get(name.text());
    if (type == null) {
      throw tokens.at(
          name,
          "unknown type '%s', known: %s".formatted(name.text(), new TreeSet<>(types.keySet())));
    }
    return pointers(type);
  }

  private CType pointers(CType type) {
    CType pointed = type;
    while (tokens.peek().is("*") || tokens.peek().is("const")) {
      pointed = tokens.take().is("*") ? CType.POINTER : pointed;
    }
    return pointed;
  }

  private void unique(Token at, String name) {
    if (!names.add(name)) {
      throw tokens.at(at, "'" + name + "' is declared twice");
    }
  }

  private Section section(Token at) {
    if (sections.isEmpty()) {
      throw tokens.at(at, "no comment with @class before '%s' in %s".formatted(at.text(), file));
    }
    return sections.getLast();
  }
}
