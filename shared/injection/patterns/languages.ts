/** The same in other languages. */
import { type Pattern, p } from './words.ts';

export const LANGUAGE_PATTERNS: readonly Pattern[] = [
  p(
    'another language',
    0.8,
    "(?:ignor(?:iere?n?|ez?|a|ar|ad|e|eer|uj|era|ere|i)|vergiss|oublie[zr]?|olvid[ae]|dimentica|esque[çc]a|negeer|vergeet|zignoruj|zapomnij|glöm|glem|zapomeň|abaikan|lupakan|unut|haz caso omiso|missachte|ne tiens? pas compte|ne tenez pas compte|desconsidere|prescinde|ignora)(?: [\\p{L}'’]{1,20}){0,5}? ?(?:anweisungen|regeln|vorgaben|instrucciones|reglas|istruzioni|regole|instru[çc](?:õ|o)es|regras|consignes|r[èe]gles|instructies|regels|polece(?:ń|nia)|instrukcj[ei]|zasad\\p{L}{0,3}|instruktioner|regler|pokyny|instruksi|perintah|lo anterior|ce qui pr[ée]c[èe]de|directrices|instructions pr[ée]c[ée]dentes)",
  ),
  p(
    'another language',
    0.65,
    '(?:qual (?:è|é|e)|quel(?:le)? est|cu[aá]l es|wie lautet|was ist|jakie jest|wat is|vad är|hvad er|какой|каков|dime|dimmi|diga|dis-moi|sag mir|gib mir|donne-moi|podaj)(?: (?:la|le|el|o|a|das|dein|deine|il|tu|ta|tua|sua|votre|ton|je|jouw|het|ditt|twoje|din|su|mi)){0,2} (?:password|palavra-passe|mot de passe|contraseña|senha|passwort|kennwort|hasło|wachtwoord|lösenord|parola|clave secreta|schlüssel|пароль)(?:(?: [\\p{L}]{1,20}){0,3})?\\s{0,2}(?:[?!.]|$|\\n)',
  ),
  p(
    'another language',
    0.6,
    '(?:a|sua|tua|tu|ta|votre|dein|la|il tuo) (?:senha|contraseña|password|passwort|mot de passe)(?: [\\p{L}]{1,12}){0,2}? (?:comigo|conmigo|con me|avec moi|mit mir)',
  ),
  {
    family: 'another language',
    weight: 0.8,
    pattern:
      /(?:忽略|无视|無視|忘记|忘掉|忘れ|不要理会).{0,16}(?:指令|指示|规则|規則|命令|提示词)|(?:指令|指示|规则|規則|命令).{0,12}(?:忽略|无视|無視|忘)|(?:无视|忽略)[^。]{0,12}(?:声明|回答|说)|無視して、/u,
  },
  {
    family: 'another language',
    weight: 0.65,
    pattern:
      /(?:你的|您的|系统的?|系統|管理员的?|管理者の|システムの|あなたの)?(?:密码|密碼|パスワード)(?:是什么|是多少|告诉我|は何ですか|を教えて(?:ください)?[。？?!！]?$|が必要)|(?:告诉|告訴|透露)[^。]{0,8}(?:密码|密碼)|把密码/u,
  },
  {
    family: 'another language',
    weight: 0.75,
    pattern: /(?:지시|명령|규칙|지침).{0,12}(?:무시|잊)|비밀번호(?:를|가)? ?(?:알려|뭐|무엇|필요)|시스템 프롬프트/u,
  },
  {
    family: 'another language',
    weight: 0.8,
    pattern:
      /(?:игнориру|забуд|не обращай|отмени|ігнору).{0,40}(?:инструкц|правил|указан|команд|інструкц)|(?:скажи|сообщи|покажи|надішли|назови).{0,20}(?:парол|системн\S{0,4} промпт|секрет)/iu,
  },
  {
    family: 'another language',
    weight: 0.8,
    pattern:
      /تجاهل.{0,20}(?:التعليمات|الأوامر|القواعد)|أخبرني.{0,12}كلمة (?:المرور|السر)|(?:निर्देश|नियम).{0,20}(?:अनदेख|नज़रअंदाज|भूल)|पासवर्ड.{0,6}(?:बता|क्या है)|का (?:बैंक )?बैलेंस क्या है|उपयोगकर्ता.{0,16}कहा[ँंं]* रहता/u,
  },
  {
    family: 'another language',
    weight: 0.8,
    pattern:
      /αγνο[ήη]\S{0,6}.{0,30}οδηγ|(?:πες|πείτε) μου τον κωδικό|talimat.{0,20}(?:yok say|görmezden|unut)|şifre\S{0,4} (?:söyle|nedir)|bỏ qua.{0,30}(?:hướng dẫn|chỉ dẫn|lệnh)|beri ?tahu.{0,20}kata sandi|התעלם.{0,20}(?:הוראות|ההוראות)|(?:เพิกเฉย|ละเว้น|ไม่สนใจ).{0,20}คำสั่ง/iu,
  },
];
