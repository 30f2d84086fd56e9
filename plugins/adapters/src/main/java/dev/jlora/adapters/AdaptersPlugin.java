package dev.jlora.adapters;

import com.google.inject.Binder;
import dev.jlora.adapters.adalora.AdaLoraMethod;
import dev.jlora.adapters.bitfit.BitfitMethod;
import dev.jlora.adapters.bottleneck.BottleneckMethod;
import dev.jlora.adapters.fourierft.FourierFtMethod;
import dev.jlora.adapters.hra.HraMethod;
import dev.jlora.adapters.ia3.Ia3Method;
import dev.jlora.adapters.lycoris.LohaMethod;
import dev.jlora.adapters.lycoris.LokrMethod;
import dev.jlora.adapters.miss.MissMethod;
import dev.jlora.adapters.norms.LnTuningMethod;
import dev.jlora.adapters.oft.OftMethod;
import dev.jlora.adapters.prompt.PTuningMethod;
import dev.jlora.adapters.prompt.PrefixTuningMethod;
import dev.jlora.adapters.prompt.PromptTuningMethod;
import dev.jlora.adapters.tokens.TrainableTokensMethod;
import dev.jlora.adapters.vera.VeraMethod;
import dev.jlora.spi.Contributions;
import dev.jlora.spi.JloraPlugin;

/** The adapter methods. */
public final class AdaptersPlugin implements JloraPlugin {
  @Override
  public void configure(Binder binder) {
    Contributions.of(binder)
        .adapter(new LoraMethod())
        .adapter(new Ia3Method())
        .adapter(new VeraMethod())
        .adapter(new FourierFtMethod())
        .adapter(new MissMethod())
        .adapter(new HraMethod())
        .adapter(new OftMethod())
        .adapter(new PromptTuningMethod())
        .adapter(new PTuningMethod())
        .adapter(new PrefixTuningMethod())
        .adapter(new AdaLoraMethod())
        .adapter(new LohaMethod())
        .adapter(new LokrMethod())
        .adapter(new LnTuningMethod())
        .adapter(new BitfitMethod())
        .adapter(new BottleneckMethod())
        .adapter(new TrainableTokensMethod());
  }
}
