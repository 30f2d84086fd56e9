package dev.jlora.natives;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class NativeTorchTest {
  @Test
  void loads_a_libtorch_whose_functions_can_be_called() throws Throwable {
    NativeTorch torch = NativeTorch.load();

    // uint64_t aoti_torch_abi_version(void): major << 56 | minor << 48 | ...
    var version =
        Linker.nativeLinker()
            .downcallHandle(
                torch.symbols().findOrThrow("aoti_torch_abi_version"),
                FunctionDescriptor.of(JAVA_LONG));
    long abi = (long) version.invokeExact();
    assertThat(abi >>> 56).isGreaterThanOrEqualTo(2);
  }

  @Test
  void finds_symbols_of_the_libraries_below_libtorch() {
    var symbols = NativeTorch.load().symbols();

    assertThat(symbols.find("torch_call_dispatcher")).as("libtorch_cpu").isPresent();
    assertThat(symbols.find("_ZN3c1010TensorImpl12mutable_gradEv")).as("libc10").isPresent();
    assertThat(symbols.find("omp_get_max_threads")).as("libgomp").isPresent();
    assertThat(symbols.find("no_such_function")).isEmpty();
  }

  @Test
  void is_loaded_once() {
    assertThat(NativeTorch.load()).isSameAs(NativeTorch.load());
  }

  @Test
  void can_be_loaded_ahead() throws InterruptedException {
    Thread loading = NativeTorch.loadAhead();
    loading.join();

    assertThat(loading.isDaemon()).as("nobody waits for it who does not ask").isTrue();
    assertThat(NativeTorch.load().folder()).exists();
  }

  @Test
  void a_failure_to_load_ahead_is_left_for_whoever_asks() {
    List<String> options = List.of("-Djlora.libtorch=/no/such/folder");

    assertThat(ChildJvm.start(AheadMain.class, options).output())
        .isEqualTo("nothing said\n/no/such/folder, which is not a folder.\nexit 0");
  }

  @Test
  void threads_that_have_called_java_are_gone_before_the_end() {
    assertThat(ChildJvm.start(ExitMain.class, List.of()).output())
        .endsWith("came: 1\nleft: 0\nexit 7");
  }

  @Test
  void says_what_it_loaded_and_from_where() {
    NativeTorch torch = NativeTorch.load();

    assertThat(torch.libraries()).allMatch(Files::isRegularFile);
    assertThat(torch.libraries().getLast().getFileName()).isEqualTo(Path.of("libtorch.so"));
    assertThat(torch.folder().resolve("libtorch.so")).exists();
    assertThat(torch.toString()).contains("libtorch.so", torch.folder().toString());
  }
}
