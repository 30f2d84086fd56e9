package dev.jlora.ffi.generator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What comes of a header. */
class JavaClassTest {
  private static String java(String header) {
    var sources = Generate.sources("some.h", header, new Generate.Target("some", "some.pkg"));
    assertThat(sources).containsOnlyKeys(Path.of("some/src/main/java/some/pkg/Some.java"));
    return sources.values().iterator().next();
  }

  @Test
  void a_function_becomes_a_descriptor_a_handle_and_a_method() {
    String java =
        java(
            """
            /* Things. @class Some @library torch @prefix lib_ */
            typedef uintptr_t thing;
            typedef void (*callback)(int64_t begin, void *context);
            /* Scales <by> a number. */
            double lib_scale_by(thing the_thing, const double *by, uint32_t flag, callback work);
            """);

    assertThat(java)
        .isEqualTo(
            """
            // Generated from some.h by 'mvn -N generate-sources -Pdowncalls'.
            // Do not edit: change the header.
            package some.pkg;

            import static dev.jlora.ffi.Downcalls.unexpected;
            import static java.lang.foreign.ValueLayout.ADDRESS;
            import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
            import static java.lang.foreign.ValueLayout.JAVA_INT;
            import static java.lang.foreign.ValueLayout.JAVA_LONG;

            import java.lang.foreign.FunctionDescriptor;
            import java.lang.foreign.MemorySegment;
            import java.lang.invoke.MethodHandle;

            /** Things. */
            public final class Some {
              private static final Downcalls C = Downcalls.torch("lib_scale_by");

              private Some() {}

              private static final class ScaleBy {
                static final FunctionDescriptor DESCRIPTOR =
                    FunctionDescriptor.of(JAVA_DOUBLE, JAVA_LONG, ADDRESS, JAVA_INT, ADDRESS);
                static final MethodHandle HANDLE = C.required("lib_scale_by", DESCRIPTOR);
              }

              /**
               * Scales &lt;by&gt; a number.
               *
               * <pre>{@code
               * double lib_scale_by(thing the_thing, const double *by, uint32_t flag, callback work);
               * }</pre>
               */
              public static double scaleBy(long theThing, MemorySegment by, int flag, MemorySegment work) {
                try {
                  return (double) ScaleBy.HANDLE.invokeExact(theThing, by, flag, work);
                } catch (Throwable thrown) {
                  throw unexpected(thrown);
                }
              }
            }
            """);
  }

  @Test
  void an_optional_function_can_be_asked_for_and_is_not_required() {
    assertThat(
            java(
                """
                /* Things. @class Some @library torch */
                /* Runs. @optional @name go */
                void _ZN4libs3runEv(void);
                """))
        .contains("Downcalls.torch();")
        .contains("static final @Nullable MethodHandle HANDLE = C.optional(\"_ZN4libs3runEv\"")
        .contains("FunctionDescriptor.ofVoid();")
        .contains("public static boolean hasGo() {\n    return Go.HANDLE != null;")
        .contains("public static void go() {\n    try {\n      Go.HANDLE.invokeExact();");
  }

  @Test
  void a_class_can_be_optional_as_a_whole_and_have_an_address() {
    assertThat(
            java(
                """
                /* Things. @class Some @library jemalloc @optional */
                /* Allocates. */
                void *get(size_t bytes);
                /* Frees. @address */
                void give(void *data);
                """))
        .contains("return Get.HANDLE != null && Give.POINTER != null;")
        .contains("static final @Nullable MemorySegment POINTER = C.address(\"give\");")
        .contains("public static MemorySegment give() {")
        .doesNotContain("hasGet", "hasGive");
  }

  @Test
  void a_critical_function_is_linked_as_one() {
    assertThat(
            java(
                """
                /* Things. @class Some @library torch */
                /* Quick. @critical */
                uint64_t quick(void);
                """))
        .contains("static final MethodHandle HANDLE = C.critical(\"quick\", DESCRIPTOR);");
  }

  @Test
  void kernels_of_a_device_implement_an_interface() {
    assertThat(
            java(
                """
                /* Things. @class Some @library torch @prefix cpu_ @implements Kernels */
                /* Runs. */
                int32_t cpu_run(bool fast);
                """))
        .contains("final class Some implements Kernels {", "  Some() {}")
        .contains("  @Override\n  public int run(boolean fast) {");
  }

  @Test
  void an_object_binds_functions_and_passes_a_struct_of_bytes_by_value() {
    assertThat(
            java(
                """
                /* Things. @class Some @object BLAS @prefix blas cu */
                typedef struct { char bytes[16]; } id;
                /* Joins. */
                int32_t blasJoin_v2(id who, uint8_t flag);
                """))
        .contains("private static final MemoryLayout ID =")
        .contains("MemoryLayout.structLayout(MemoryLayout.sequenceLayout(16, JAVA_BYTE));")
        .contains("FunctionDescriptor JOIN = FunctionDescriptor.of(JAVA_INT, ID, JAVA_BYTE);")
        .contains("private final MethodHandle join = function(\"blasJoin_v2\", JOIN);")
        .contains("public int join(MemorySegment who, byte flag) {")
        .contains("super(symbols, Library.BLAS);");
  }

  @Test
  void enums_become_constants_unless_java_has_them_by_hand() {
    assertThat(
            java(
                """
                /* Values. @class Some */
                enum flags { ONE = 1, MINUS = -1 };
                /* Errors has these. @byhand */
                enum errors { BAD = 7 };
                """))
        .contains("  // flags\n  public static final int ONE = 1;")
        .contains("  public static final int MINUS = -1;")
        .doesNotContain("BAD", "errors");
  }
}
