package dev.jlora.ffi;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.SymbolLookup;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is said about a function that a library lacks, and when. */
class DowncallsTest {
  private static final SymbolLookup EMPTY = name -> Optional.empty();

  @Test
  void a_library_that_lacks_what_it_must_have_is_refused_before_the_first_call() {
    assertThatThrownBy(() -> Downcalls.of(EMPTY, "torch_call_dispatcher"))
        .isInstanceOf(UnsatisfiedLinkError.class)
        .hasMessage(
            "libtorch does not export 'torch_call_dispatcher'. jlora needs libtorch 2.10 or newer;"
                + " unset jlora.libtorch to use the one from Maven.");
  }

  @Test
  void a_function_that_may_be_missing_is_null() {
    Downcalls none = Downcalls.of(EMPTY);

    assertThat(none.optional("f", FunctionDescriptor.of(JAVA_INT))).isNull();
    assertThat(none.address("f")).isNull();
    assertThatThrownBy(() -> Downcalls.present(none.address("f")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ask available() first");
  }
}
