package dev.jlora.ffi.generator;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A header that cannot be read is refused, with file and line. */
class HeaderTest {
  private static final String CLASS = "/* Things. @class Some @library torch */\n";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /* a */ int32_t f(wchar_t x);             | unknown type 'wchar_t', known: [bool, char
          /* a */ int32_t f(int32_t);               | got ')', expected the name of a parameter
          /* a */ int32_t f(int32_t a[4]);          | got '[', expected ')'
          /* a */ int32_t f();                      | got ')', expected a declaration
          /* a */ int32_t f(void x);                | parameter 'x' is void
          /* a */ int32_t f(void)                   | got 'the end of the file', expected ';'
          /* a */ int32_t f(void); /* b */ int32_t f(int32_t a); | 'f' is declared twice
          int32_t f(void);                          | 'f' has no comment, which its Javadoc is made of
          /* @critical */ int32_t f(void);          | 'f' has no comment, which its Javadoc is made of
          /* a @fast */ int32_t f(void);            | unknown tag '@fast'
          /* a @critical @critical */ int32_t f(void); | '@critical' twice
          /* a @library torch */ int32_t f(void);   | '@library' is not a tag of a function
          /* a @critical */ enum e { A = 1 };       | '@critical' is not a tag of an enum
          /* a @critical @optional */ int32_t f(void); | @critical is for functions that are always there
          enum e { A };                             | got '}', expected '='
          enum e { A = B };                         | got 'B', expected a decimal number
          typedef struct { int32_t a; } s;          | got 'int32_t', expected 'char'
          typedef void nothing;                     | a typedef of void
          typedef int32_t a; typedef int64_t a;     | 'a' is defined twice
          unsigned int f(void);                     | unknown type 'unsigned'
          #define LIMIT 4                           | got '#define LIMIT 4', expected an include guard
          int32_t f(int32_t a) { return a; }        | got '{', expected ';'
          // a comment of C++                       | cannot read '// a comment of C++'
          """)
  void what_is_not_understood_is_refused(String declaration, String message) {
    assertThatThrownBy(
            () ->
                Generate.sources(
                    "some.h", CLASS + declaration, new Generate.Target("some", "some.pkg")))
        .isInstanceOf(HeaderException.class)
        .hasMessageStartingWith("some.h:2: ")
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          /* a */ int32_t f(void);                  | no comment with @class before 'f' in some.h
          /* a @class A */ /* b */ int32_t f(void); | class A has functions, so it needs one of
          /* a @class A @library torch @object BLAS */ /* b */ int32_t f(void); | needs one of @library
          /* a @class A @name b */                  | '@name' is not a tag of a class
          /* a @class A @object BLAS */ /* b @optional */ int32_t f(void); | @name is the only tag
          /* a @class A @library torch */ /* b @address */ int32_t f(void); | @address for those of a class
          """)
  void a_class_that_makes_no_sense_is_refused(String declaration, String message) {
    assertThatThrownBy(
            () -> Generate.sources("some.h", declaration, new Generate.Target("some", "some.pkg")))
        .isInstanceOf(HeaderException.class)
        .hasMessageStartingWith("some.h:1: ")
        .hasMessageContaining(message);
  }
}
