package dev.jlora.ffi;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Holds the downcalls of this package against the C header in the native module, both ways. */
class HeaderTest {
  private static final Path HEADER = Path.of("../native/src/main/c/jlora_torch.h");
  private static final String CPU = "aoti_torch_cpu_";
  private static final String CUDA = "aoti_torch_cuda_";

  /** What every class of the package declares, whoever wrote it and whenever. */
  private static Map<String, FunctionDescriptor> downcalls() throws Exception {
    Map<String, FunctionDescriptor> all = new TreeMap<>();
    for (Class<?> type : classesBesideThis()) {
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals("declarations") && Modifier.isStatic(method.getModifiers())) {
          ((Map<?, ?>) method.invoke(null))
              .forEach((name, it) -> all.put((String) name, (FunctionDescriptor) it));
        }
      }
    }
    return all;
  }

  private static List<Class<?>> classesBesideThis() throws Exception {
    Path folder = Path.of(LibTorch.class.getResource("LibTorch.class").toURI()).getParent();
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".class") && !name.contains("-") && !name.contains("$"))
          .<Class<?>>map(name -> load("dev.jlora.ffi." + name.replace(".class", "")))
          .toList();
    }
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name);
    } catch (ClassNotFoundException e) {
      throw new AssertionError(e);
    }
  }

  private static Map<String, FunctionDescriptor> header() throws IOException {
    return CHeader.read(HEADER);
  }

  @Test
  void every_downcall_is_declared_in_the_header_with_the_same_types() throws Exception {
    Map<String, FunctionDescriptor> downcalls = downcalls();

    assertThat(downcalls).hasSizeGreaterThan(40);
    assertThat(header()).containsAllEntriesOf(downcalls);
  }

  @Test
  void every_function_of_the_header_is_bound() throws Exception {
    Map<String, FunctionDescriptor> unbound = new HashMap<>(header());
    unbound.keySet().removeAll(downcalls().keySet());
    unbound.keySet().removeIf(name -> name.startsWith(CUDA));

    assertThat(unbound).as("declared in %s, bound nowhere", HEADER).isEmpty();
  }

  @Test
  void a_kernel_has_one_signature_on_both_devices() throws Exception {
    Map<String, FunctionDescriptor> header = header();
    Map<String, FunctionDescriptor> asOnCpu = new TreeMap<>();
    header.forEach(
        (name, descriptor) -> {
          boolean onlyCuda = name.contains("scaled_dot_product");
          if (name.startsWith(CUDA) && !onlyCuda) {
            asOnCpu.put(CPU + name.substring(CUDA.length()), descriptor);
          }
        });

    assertThat(asOnCpu).isNotEmpty();
    assertThat(header).containsAllEntriesOf(asOnCpu);
  }

  @Test
  void a_header_is_read_with_its_typedefs_and_comments() {
    String text =
        """
        /* a comment; with a semicolon */
        #include <stdint.h>
        typedef uintptr_t thing;
        typedef void (*callback)(int64_t begin, void *context);
        double scale(thing t, const double *by,
                     int32_t flag);
        void run(callback work);
        const char *text(void);
        """;

    assertThat(CHeader.parse(text))
        .containsOnly(
            Map.entry("scale", FunctionDescriptor.of(JAVA_DOUBLE, JAVA_LONG, ADDRESS, JAVA_INT)),
            Map.entry("run", FunctionDescriptor.ofVoid(ADDRESS)),
            Map.entry("text", FunctionDescriptor.of(ADDRESS)));
  }

  @Test
  void a_header_with_an_unknown_type_is_refused() {
    assertThatThrownBy(() -> CHeader.parse("int32_t f(wchar_t x);"))
        .hasMessageContaining("unknown type 'wchar_t'");
  }
}
