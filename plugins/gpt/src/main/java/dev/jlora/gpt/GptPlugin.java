package dev.jlora.gpt;

import com.google.inject.Binder;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/** The decoders GPT-2, Llama, Mistral and Qwen2. */
public final class GptPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder)
        .family(new Gpt2Family())
        .family(LlamaFamily.llama())
        .family(LlamaFamily.mistral())
        .family(LlamaFamily.qwen2());
  }
}
